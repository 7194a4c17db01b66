//! JSON in the browser.
//!
//! serde's derived readers are compiled for each type and format, and would be a fifth of the download. Here JSON is
//! read into a tree ([`Json`]), by the browser itself where there is one, and each type takes its fields from the tree
//! by name. A [`Writer`] writes what a page sends. The derived readers remain for other programs; a test compares both.

#[cfg(test)]
mod tests;
mod tree;
mod values;
mod writer;

pub use tree::Json;
pub use writer::Writer;

/// A type that can be read from a tree of JSON.
pub trait FromJson: Sized {
    /// Decodes the value; `None` on a type mismatch.
    fn from_json(value: &Json<'_>) -> Option<Self>;

    /// Returns the type's default, or any value for a type without one. It fills a struct of which a field does not
    /// fit.
    #[must_use]
    fn blank() -> Self;

    /// Returns the value of a missing field; `None` if the field is required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// Parses JSON; `None` if it is invalid or does not fit the type.
#[must_use]
pub fn read_json<T: FromJson>(json: &str) -> Option<T> {
    Json::read(json, T::from_json)
}

/// Reads a field of an object.
#[must_use]
pub fn field<T: FromJson>(object: &Json<'_>, name: &str) -> Option<T> {
    match object.get(name) {
        Some(value) => T::from_json(&value),
        None => T::absent(),
    }
}

/// Reads a field of an object, or returns the default if it is missing.
#[must_use]
pub fn field_or_default<T: FromJson + Default>(object: &Json<'_>, name: &str) -> Option<T> {
    object.get(name).map_or_else(|| Some(T::default()), |value| T::from_json(&value))
}

/// The fields of an object, taken one after another.
///
/// An early return per field would emit the code that drops the fields before it. Here a struct is always filled, with
/// [blanks](FromJson::blank) where a field does not fit, and discarded as a whole.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Json<'a>,
    fit: bool,
}

impl<'a> Fields<'a> {
    /// Starts with an object, none of whose fields has been taken.
    #[must_use]
    pub const fn of(object: &'a Json<'a>) -> Self {
        Self { object, fit: true }
    }

    /// Takes a field, or its type's [`absent`](FromJson::absent) value if it is missing.
    pub fn take<T: FromJson>(&mut self, name: &str) -> T {
        self.read(name, false)
    }

    /// Takes a field, or a [blank](FromJson::blank) if it is missing.
    pub fn take_or_default<T: FromJson + Default>(&mut self, name: &str) -> T {
        self.read(name, true)
    }

    /// Returns the struct that was made of the fields if all of them fit.
    pub fn checked<T>(self, made: T) -> Option<T> {
        self.fit.then_some(made)
    }

    /// One function for both, because it is compiled for each type, and inlining would double that.
    #[inline(never)]
    fn read<T: FromJson>(&mut self, name: &str, may_miss: bool) -> T {
        let taken = match self.object.get(name) {
            Some(value) => T::from_json(&value),
            None if may_miss => return T::blank(),
            None => T::absent(),
        };
        taken.unwrap_or_else(|| {
            self.fit = false;
            T::blank()
        })
    }
}

/// Declares structs that are read from JSON as serde reads them: by the names of their fields or `serde(rename = ..)`,
/// which must stand first in its attribute, and with a default for `serde(default)`. The macro knows no other serde
/// attribute that concerns reading.
macro_rules! from_json {
    ($(
        $(#[$($of_type:tt)*])*
        $visible:vis struct $type:ident { $($(#[$($of_field:tt)*])* pub $field:ident: $value:ty),* $(,)? }
    )*) => {$(
        $(#[$($of_type)*])*
        $visible struct $type { $($(#[$($of_field)*])* pub $field: $value),* }

        impl $crate::protocol::FromJson for $type {
            fn from_json(value: &$crate::protocol::Json<'_>) -> Option<Self> {
                let mut fields = $crate::protocol::Fields::of(value);
                let made = Self { $($field: from_json!(@take fields, $field, $([$($of_field)*])*)),* };
                fields.checked(made)
            }

            fn blank() -> Self {
                Self { $($field: $crate::protocol::FromJson::blank()),* }
            }
        }
    )*};
    (@take $fields:ident, $field:ident, [serde(default $($more:tt)*)] $($rest:tt)*) => {
        $fields.take_or_default(stringify!($field))
    };
    (@take $fields:ident, $field:ident, [serde(rename = $name:literal $($more:tt)*)] $($rest:tt)*) => {
        $fields.take($name)
    };
    (@take $fields:ident, $field:ident, [$($other:tt)*] $($rest:tt)*) => {
        from_json!(@take $fields, $field, $($rest)*)
    };
    (@take $fields:ident, $field:ident,) => { $fields.take(stringify!($field)) };
}
pub(crate) use from_json;
