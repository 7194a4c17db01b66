//! The table of figures.

/// The factor to the baseline that must be held, and the one that is aimed at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) must: f64,
    pub(crate) goal: f64,
}

/// A measured figure beside that of its baseline.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    /// 1 for a figure that is bounded by itself.
    pub(crate) baseline: f64,
    pub(crate) natter: f64,
    pub(crate) bound: Bound,
    /// `true` if less is better.
    pub(crate) is_cost: bool,
}

impl Figure {
    fn factor(&self) -> f64 {
        self.natter / self.baseline
    }

    fn verdict(&self) -> &'static str {
        let holds = |bound: f64| if self.is_cost { self.factor() <= bound } else { self.factor() >= bound };
        match (holds(self.bound.goal), holds(self.bound.must)) {
            (true, _) => "goal",
            (false, true) => "must",
            (false, false) => "missed",
        }
    }
}

/// Prints the figures as a Markdown table.
pub(crate) fn print(figures: &[Figure]) {
    println!("| figure | baseline | Natter | factor | must | goal | held |");
    println!("|---|---|---|---|---|---|---|");
    for figure in figures {
        println!(
            "| {} | {:.3} | {:.3} {} | {:.2} | {} | {} | {} |",
            figure.name,
            figure.baseline,
            figure.natter,
            figure.unit,
            figure.factor(),
            figure.bound.must,
            figure.bound.goal,
            figure.verdict(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(natter: f64, is_cost: bool) -> &'static str {
        let bound = if is_cost { Bound { must: 2.0, goal: 1.3 } } else { Bound { must: 0.8, goal: 0.95 } };
        Figure { name: String::new(), unit: "", baseline: 10.0, natter, bound, is_cost }.verdict()
    }

    #[test]
    fn a_cost_holds_up_to_its_bound_and_a_rate_from_it_on() {
        assert_eq!([13.0, 13.1, 20.0, 20.1].map(|cost| figure(cost, true)), ["goal", "must", "must", "missed"]);
        assert_eq!([9.5, 9.4, 8.0, 7.9].map(|rate| figure(rate, false)), ["goal", "must", "must", "missed"]);
    }
}
