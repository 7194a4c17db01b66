//! Reactive content and attributes of elements.
//!
//! The download grows with the number of types in the views, since each type brings its own copy of the code that
//! renders and updates it. So all content has one type, all attributes have one of two, and their closures are boxed.
//!
//! Translators and extensions of browsers move text nodes: into a `<font>` element, into pieces, or out of the
//! document. Leptos keeps the node that it made and changes that one, wherever it is by then, so a translated page
//! would go on showing its old texts. The element around a text stays in place. So a reactive text is its element's
//! only content, and is given as `inner_html=text(…)`.

use super::{
    html::Html,
    list::{Row, ShownRows, render},
};
use leptos::{prelude::*, tachys::html::element::InnerHtmlValue, web_sys::Element};
use std::sync::Arc;

/// Reactive content, for `inner_html`.
#[derive(Clone)]
pub(in crate::ui) struct Reactive(Arc<dyn Fn() -> Content + Send + Sync>);

impl IntoAttributeValue for Reactive {
    type Output = Arc<dyn Fn() -> Content + Send + Sync>;

    fn into_attribute_value(self) -> Self::Output {
        self.0
    }
}

/// The reactive value of an attribute.
pub(in crate::ui) type Attribute = Arc<dyn Fn() -> String + Send + Sync>;
/// A reactive boolean attribute.
pub(in crate::ui) type Flag = Arc<dyn Fn() -> bool + Send + Sync>;

/// The content of an element.
#[derive(Debug, Clone)]
pub(in crate::ui) enum Content {
    Text(String),
    Html(Html),
    Rows(Vec<Row>),
}

/// A reactive text, which is escaped.
pub(in crate::ui) fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Reactive {
    Reactive(Arc::new(move || Content::Text(text())))
}

pub(in crate::ui) fn html(html: impl Fn() -> Html + Send + Sync + 'static) -> Reactive {
    Reactive(Arc::new(move || Content::Html(html())))
}

/// A reactive list of rows.
pub(in crate::ui) fn rows(rows: impl Fn() -> Vec<Row> + Send + Sync + 'static) -> Reactive {
    Reactive(Arc::new(move || Content::Rows(rows())))
}

pub(in crate::ui) fn attribute(value: impl Fn() -> String + Send + Sync + 'static) -> Attribute {
    Arc::new(value)
}

pub(in crate::ui) fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> Flag {
    Arc::new(flag)
}

/// Runs an action now and after each change of what it reads; in the browser only, once the view is hydrated.
pub(in crate::ui) fn react(action: impl Fn() + 'static) {
    react_by(Box::new(action));
}

fn react_by(action: Box<dyn Fn()>) {
    Effect::new(move |_| action());
}

/// Content in the document.
#[derive(Debug)]
pub(in crate::ui) struct Shown {
    element: Element,
    content: ShownContent,
}

#[derive(Debug)]
enum ShownContent {
    Text(String),
    Html(Html),
    Rows(ShownRows),
}

impl Content {
    fn into_html(self) -> Html {
        match self {
            Self::Text(text) => {
                let mut html = Html::default();
                html.text(&text);
                html
            }
            Self::Html(html) => html,
            Self::Rows(rows) => render(&rows),
        }
    }
}

impl InnerHtmlValue for Content {
    type AsyncOutput = Self;
    type State = Shown;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        0
    }

    fn to_html(self, buf: &mut String) {
        buf.push_str(self.into_html().as_str());
    }

    fn to_template(_buf: &mut String) {}

    fn hydrate<const FROM_SERVER: bool>(self, element: &Element) -> Shown {
        let content = match self {
            Self::Text(text) => ShownContent::Text(text),
            Self::Html(html) => ShownContent::Html(html),
            Self::Rows(rows) => ShownContent::Rows(ShownRows::adopt(element, &rows)),
        };
        Shown { element: element.clone(), content }
    }

    fn build(self, element: &Element) -> Shown {
        let content = match self {
            Self::Text(text) => {
                element.set_text_content(Some(&text));
                ShownContent::Text(text)
            }
            Self::Html(html) => {
                element.set_inner_html(html.as_str());
                ShownContent::Html(html)
            }
            Self::Rows(rows) => ShownContent::Rows(ShownRows::make(element, &rows)),
        };
        Shown { element: element.clone(), content }
    }

    fn rebuild(self, shown: &mut Shown) {
        match (&self, &mut shown.content) {
            (Self::Text(text), ShownContent::Text(before)) if text == before => {}
            (Self::Html(html), ShownContent::Html(before)) if html == before => {}
            (Self::Rows(rows), ShownContent::Rows(before)) => before.update(rows),
            _ => *shown = self.build(&shown.element),
        }
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }
}
