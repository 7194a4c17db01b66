//! How users come in, and under which name.
//!
//! The page's door takes a name as it is typed or asks again, and suggests one. A WebSocket client, which nobody may be
//! looking at, is given the nearest name that is free.

use super::{
    Buckets, Chat, Done, Kind, Pending, Refused,
    people::{ARRIVAL_MS, check_scripts, parsed, taken},
    unavailable,
};
use crate::{
    chat::{
        Address, Now, RequestId,
        names::Owner,
        scripts::{is_unmixed, unmixed},
        user::User,
    },
    journal::{Change, JournalError, Outcome, SessionHash, StoredSession},
};
use app::protocol::{
    RAW_NAME_MAX, RoomName, UserName, is_name_char,
    limits::{USER_NAME_MAX, USER_NAME_MIN},
};

/// Where the numbers begin that are tried one by one: behind those that [`Names::numbered`](crate::chat::names::Names) tries.
const LAST_RESORT: u64 = 1_000_000_000;

impl Chat {
    /// A new user asks to come in under a name; `lot` is drawn from 0 to 999. By the page's form the name must be right
    /// and free; otherwise it is made so. The request is answered with [`Done::SignedIn`].
    #[expect(clippy::too_many_arguments, reason = "each is one plain fact about who comes in")]
    pub fn sign_in(
        &mut self,
        now: Now,
        request: RequestId,
        address: Option<Address>,
        name: &str,
        lot: u16,
        session: SessionHash,
        by_form: bool,
    ) {
        let wait = self.wait_of_address(now, address, Kind::Join);
        if wait > 0 {
            self.reply(request, Err(super::too_fast(wait)));
            return;
        }
        // A name that is refused counts, too: finding another one takes time.
        if let Some(buckets) = address.and_then(|address| self.addresses.get_mut(&address)) {
            buckets.take(Kind::Join);
        }
        let owner = Owner::Request(request);
        let name = if by_form { self.as_it_is(name, owner) } else { Ok(self.made_free(name, lot, owner)) };
        let name = match name {
            Ok(name) => name,
            Err(refused) => return self.reply(request, Err(refused)),
        };
        self.names.insert(&name, owner);
        let change = Change::CreateUser { name: name.clone(), session, by_form, at: now.clock };
        let session = StoredSession { hash: session, renewed_at: now.clock };
        self.submit(change, Pending::SignIn { request, name, session, by_form });
    }

    fn as_it_is(&self, name: &str, owner: Owner) -> Result<UserName, Refused> {
        let name = parsed(name)?;
        self.check_free(&name, owner)?;
        check_scripts(&name).map(|()| name)
    }

    fn made_free(&self, name: &str, lot: u16, owner: Owner) -> UserName {
        let asked = of_one_script(name, lot);
        if self.names.taken_by(&asked, owner).is_none() {
            return asked;
        }
        let numbered = |number| asked.numbered(number);
        let is_free = |name: &UserName| self.names.taken_by(name, owner).is_none();
        // Only where others have taken all that was tried by names that look like these, one is tried after the other.
        self.names
            .numbered(1, numbered)
            .or_else(|| (LAST_RESORT..).map(numbered).find(is_free))
            .unwrap_or_else(|| asked.clone())
    }

    /// A name near to what somebody asked for, which is right and free now; `lot` is drawn from 0 to 999.
    #[must_use]
    pub fn suggested_name(&self, asked: &str, lot: u16) -> Option<UserName> {
        // Nobody is called like this, and to look for its words would take time.
        let asked = if asked.len() > RAW_NAME_MAX { "" } else { asked };
        let has_letters = asked.chars().any(char::is_alphanumeric);
        // One sign between two words is enough, and none around them.
        let words: Vec<_> = asked.split(|c| !is_name_char(c)).filter(|word| !word.is_empty()).collect();
        let base = if has_letters { words.join("_") } else { format!("User{lot:03}") };
        let is_long_enough = base.chars().count() >= USER_NAME_MIN;
        let numbered = |number: u64| {
            let suffix = format!("_{number}");
            let kept: String = base.chars().take(USER_NAME_MAX - suffix.len()).collect();
            of_one_script(&(kept.trim_end_matches('_').to_owned() + &suffix), lot)
        };
        let is_right = |name: &UserName| UserName::parse(name.as_str()).is_ok_and(|parsed| parsed == *name);
        let own = of_one_script(&base, lot);
        if is_long_enough && is_right(&own) && self.names.taken_by(&own, None::<Owner>).is_none() {
            return Some(own);
        }
        self.names.numbered(2, numbered).filter(is_right)
    }

    pub(super) fn signed_in(
        &mut self,
        now: Now,
        request: RequestId,
        name: UserName,
        session: StoredSession,
        by_form: bool,
        result: Result<Outcome, JournalError>,
    ) {
        self.names.remove(&name, Owner::Request(request));
        let reply = match result {
            Ok(Outcome::Created(id)) => {
                self.names.insert(&name, Owner::User(id));
                let buckets = Buckets::full(now.elapsed_ms, &self.settings.rates);
                let mut user = User::new(name, [RoomName::general()], buckets);
                user.by_form = by_form;
                user.caught_up_to = self.last_id;
                let general = self.rooms.entry(RoomName::general()).or_default();
                general.members.insert(id);
                user.has_read_all(&RoomName::general(), &general.tail);
                self.users.insert(id, user);
                self.add_session(id, session);
                self.plan_forgetting_after(now, id, ARRIVAL_MS);
                Ok(Done::SignedIn(id))
            }
            Ok(_) => Err(taken(&name)),
            Err(error) => Err(unavailable(&error)),
        };
        self.reply(request, reply);
    }
}

/// A name made of whatever somebody asked for, by [`UserName::sanitized`], with the letters of its first script. They are
/// known once the name is normalized: a micro sign is a Greek letter then.
fn of_one_script(asked: &str, lot: u16) -> UserName {
    let name = UserName::sanitized(asked, lot);
    if is_unmixed(name.as_str()) {
        return name;
    }
    UserName::sanitized(unmixed(name.as_str()).trim_end_matches('_'), lot)
}
