//! The interface between the driver and the part of the page that scrolls the list, which is loaded after the driver.

use app::protocol::Place;

/// The scroll position of the list, as a person reads it.
pub(crate) trait Reader {
    /// Starts to keep the line that is read in place: the page shows changes from now on.
    fn begin(&self);
    /// Reports the entries in view.
    fn look(&self);
    /// Scrolls to the end, and follows new entries from now on.
    fn go_to_end(&self);
    /// Switches to the list of another place.
    fn go_to(&self, place: &Place, is_divided: bool);
    /// Cancels the position at which the list is being held.
    fn drop_aim(&self);
}
