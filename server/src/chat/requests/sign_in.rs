//! Creation of users, and the choice of their names.
//!
//! The page's form takes a name as typed or asks again with a suggestion. A WebSocket client gets the nearest free
//! name, because there may be nobody to ask.

use crate::{
    chat::{
        Address, Kind, Now, RequestId,
        engine::Chat,
        refusals::{Refused, check_scripts, parsed, too_fast},
        scripts::{is_unmixed, unmixed},
        state::{Owner, Pending},
    },
    journal::{Change, SessionHash},
};
use app::protocol::{
    RAW_NAME_MAX, UserName, is_name_char,
    limits::{USER_NAME_MAX, USER_NAME_MIN},
};

/// First number that is tried one by one, beyond those that [`Names::numbered`](crate::chat::state::Names) tries.
const LAST_RESORT: u64 = 1_000_000_000;

impl Chat {
    /// Creates a user. From the page's form the name must be valid and free; otherwise it is adapted, with a
    /// `random_suffix` of 0 to 999 where letters are missing. The reply is
    /// [`Outcome::SignedIn`](crate::chat::Outcome::SignedIn).
    #[expect(clippy::too_many_arguments, reason = "each is one plain fact about who comes in")]
    pub fn sign_in(
        &mut self,
        now: Now,
        request: RequestId,
        address: Option<Address>,
        name: &str,
        random_suffix: u16,
        session: SessionHash,
        by_form: bool,
    ) {
        let wait = self.wait_of_address(now, address, Kind::Join);
        if wait > 0 {
            self.reply(request, Err(too_fast(wait)));
            return;
        }
        // A refused name is charged, too: the search for a free one takes time.
        if let Some(buckets) = address.and_then(|address| self.limits.addresses.get_mut(&address)) {
            buckets.take(Kind::Join);
        }
        let owner = Owner::Request(request);
        let name = if by_form { self.as_it_is(name, owner) } else { Ok(self.made_free(name, random_suffix, owner)) };
        let name = match name {
            Ok(name) => name,
            Err(refused) => return self.reply(request, Err(refused)),
        };
        self.directory.names.insert(&name, owner);
        let change = Change::CreateUser { name: name.clone(), session, by_form, at: now.clock };
        self.submit(change, Pending::SignIn { request, name });
    }

    fn as_it_is(&self, name: &str, owner: Owner) -> Result<UserName, Refused> {
        let name = parsed(name)?;
        self.check_free(&name, owner)?;
        check_scripts(&name).map(|()| name)
    }

    fn made_free(&self, name: &str, random_suffix: u16, owner: Owner) -> UserName {
        let asked = of_one_script(name, random_suffix);
        if self.directory.names.taken_by(&asked, owner).is_none() {
            return asked;
        }
        let numbered = |number| asked.numbered(number);
        let is_free = |name: &UserName| self.directory.names.taken_by(name, owner).is_none();
        // If lookalikes block all of these, numbers are tried one by one.
        self.directory
            .names
            .numbered(1, numbered)
            .or_else(|| (LAST_RESORT..).map(numbered).find(is_free))
            .unwrap_or_else(|| asked.clone())
    }

    /// Returns a valid, free name near to the requested one; `random_suffix` is drawn from 0 to 999.
    #[must_use]
    pub fn suggested_name(&self, asked: &str, random_suffix: u16) -> Option<UserName> {
        // Names of this length are invalid, and splitting them into words would take long.
        let asked = if asked.len() > RAW_NAME_MAX { "" } else { asked };
        let has_letters = asked.chars().any(char::is_alphanumeric);
        // Separators between two words collapse into one, and those at the ends vanish.
        let words: Vec<_> = asked.split(|c| !is_name_char(c)).filter(|word| !word.is_empty()).collect();
        let base = if has_letters { words.join("_") } else { format!("User{random_suffix:03}") };
        let is_long_enough = base.chars().count() >= USER_NAME_MIN;
        let numbered = |number: u64| {
            let suffix = format!("_{number}");
            let kept: String = base.chars().take(USER_NAME_MAX - suffix.len()).collect();
            of_one_script(&(kept.trim_end_matches('_').to_owned() + &suffix), random_suffix)
        };
        let is_right = |name: &UserName| UserName::parse(name.as_str()).is_ok_and(|parsed| parsed == *name);
        let own = of_one_script(&base, random_suffix);
        if is_long_enough && is_right(&own) && self.directory.names.taken_by(&own, None::<Owner>).is_none() {
            return Some(own);
        }
        self.directory.names.numbered(2, numbered).filter(is_right)
    }
}

/// Adapts a text to a name by [`UserName::sanitized`], and keeps the letters of the first script. The script is
/// determined after normalization, which makes a Greek letter of a micro sign.
fn of_one_script(asked: &str, random_suffix: u16) -> UserName {
    let name = UserName::sanitized(asked, random_suffix);
    if is_unmixed(name.as_str()) {
        return name;
    }
    UserName::sanitized(unmixed(name.as_str()).trim_end_matches('_'), random_suffix)
}
