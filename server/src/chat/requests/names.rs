//! The check of a name against those of others.

use crate::chat::{
    engine::Chat,
    refusals::{Refused, taken, wrong},
    state::Owner,
};
use app::protocol::{NameError, UserName};

impl Chat {
    /// Refuses a name that is reserved, or that equals or resembles another user's.
    pub(in crate::chat) fn check_free(&self, name: &UserName, owner: Owner) -> Result<(), Refused> {
        match self.directory.names.taken_by(name, owner) {
            Some(Owner::Chat) => Err(wrong(NameError::Reserved)),
            Some(_) => Err(taken(name)),
            None => Ok(()),
        }
    }
}
