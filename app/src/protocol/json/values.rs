//! Readers of basic types.

use super::{FromJson, Json};
use crate::protocol::RoomName;
use std::sync::Arc;

impl FromJson for bool {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_bool()
    }

    fn blank() -> Self {
        false
    }
}

impl FromJson for u64 {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_u64()
    }

    fn blank() -> Self {
        0
    }
}

impl FromJson for usize {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }

    fn blank() -> Self {
        0
    }
}

impl FromJson for String {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text()
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl FromJson for Arc<str> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text().map(Into::into)
    }

    fn blank() -> Self {
        Self::default()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
    fn blank() -> Self {
        None
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.items()?.map(|item| T::from_json(&item)).collect()
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl<T: FromJson> FromJson for Vec<(Arc<str>, T)> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        by_name(value, Into::into)
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl FromJson for RoomName {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text().map(|name| Self::told(&name))
    }

    fn blank() -> Self {
        Self::general()
    }
}

impl<T: FromJson> FromJson for Vec<(RoomName, T)> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        by_name(value, |name| RoomName::told(&name))
    }

    fn blank() -> Self {
        Self::new()
    }
}

/// Reads the fields of an object as pairs, in any order.
fn by_name<K, T: FromJson>(value: &Json<'_>, told: fn(String) -> K) -> Option<Vec<(K, T)>> {
    value.fields()?.map(|(name, value)| Some((told(name), T::from_json(&value)?))).collect()
}
