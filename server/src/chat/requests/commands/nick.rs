//! `/nick`: another name. The current name is accepted without a change, and its spelling can be changed.

use crate::{
    chat::{
        Kind, Outcome, RequestContext,
        engine::Chat,
        refusals::{Refused, check_scripts, nobody, parsed},
        state::{Owner, Pending},
    },
    journal::Change,
};

impl Chat {
    pub(in crate::chat) fn rename(&mut self, context: RequestContext, name: &str) -> Result<(), Refused> {
        self.spend(context, Kind::Join)?;
        let RequestContext { now, caller, user, .. } = context;
        let name = parsed(name)?;
        let state = self.directory.users.get(&user).ok_or_else(nobody)?;
        if name == state.asked_name {
            self.done(caller, Outcome::Stored);
            return Ok(());
        }
        self.check_free(&name, Owner::User(user))?;
        check_scripts(&name)?;
        // Each room gets a line about the change, charged as a message.
        let lines = u32::try_from(state.rooms.len()).unwrap_or(u32::MAX);
        self.spend_all(context, &[(Kind::Rename, 1), (Kind::Message, lines)])?;
        let state = self.directory.users.get_mut(&user).ok_or_else(nobody)?;
        state.asked_name = name.clone();
        state.asked_names += 1;
        self.directory.names.insert(&name, Owner::User(user));
        let change = Change::Rename { user, name: name.clone(), at: now.clock };
        self.submit(change, Pending::Rename { caller, user, name });
        Ok(())
    }
}
