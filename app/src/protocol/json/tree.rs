//! A tree of JSON values.
//!
//! A browser has a JSON reader, and another one would have to be downloaded, so the page uses the browser's. Everything
//! else (the simulator, the tests) uses `serde_json`.
//!
//! Invariant: both readers agree on what a server writes. Its numbers stay below 2^53, the limit of a browser's
//! integers. For a browser `1.0` is a whole number, for `serde_json` it is none; a server writes whole numbers without
//! a point.

#[cfg(feature = "hydrate")]
pub use browser::Json;
#[cfg(not(feature = "hydrate"))]
pub use native::Json;

#[cfg(not(feature = "hydrate"))]
mod native {
    use serde_json::Value;

    /// A value in a tree of JSON.
    #[derive(Debug, Clone, Copy)]
    pub struct Json<'a>(&'a Value);

    impl Json<'_> {
        /// Parses a text and takes something from the tree.
        pub(in crate::protocol) fn read<T>(text: &str, take: impl FnOnce(&Json<'_>) -> Option<T>) -> Option<T> {
            take(&Json(&serde_json::from_str(text).ok()?))
        }

        /// Returns `true` for `null`.
        #[must_use]
        pub fn is_null(&self) -> bool {
            self.0.is_null()
        }

        /// Returns the value of a boolean.
        #[must_use]
        pub fn as_bool(&self) -> Option<bool> {
            self.0.as_bool()
        }

        /// Returns the value of a number.
        #[must_use]
        pub fn as_f64(&self) -> Option<f64> {
            self.0.as_f64()
        }

        /// Returns the value of a whole, non-negative number.
        #[must_use]
        pub fn as_u64(&self) -> Option<u64> {
            self.0.as_u64()
        }

        /// Returns the value of a string.
        #[must_use]
        pub fn as_text(&self) -> Option<String> {
            self.0.as_str().map(Into::into)
        }

        /// Returns the field of an object, if it has one of this name.
        #[must_use]
        pub fn get(&self, name: &str) -> Option<Json<'_>> {
            self.0.get(name).map(Json)
        }

        /// Yields the items of an array.
        #[must_use]
        pub fn items(&self) -> Option<impl Iterator<Item = Json<'_>>> {
            self.0.as_array().map(|items| items.iter().map(Json))
        }

        /// Yields the fields of an object.
        #[must_use]
        pub fn fields(&self) -> Option<impl Iterator<Item = (String, Json<'_>)>> {
            self.0.as_object().map(|fields| fields.iter().map(|(name, value)| (name.clone(), Json(value))))
        }
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Array, JSON, Object, Reflect, wasm_bindgen::JsValue};
    use std::marker::PhantomData;

    /// A value in a tree of JSON. The lifetime exists only to match the native type.
    #[derive(Debug)]
    pub struct Json<'a>(JsValue, PhantomData<&'a JsValue>);

    impl From<JsValue> for Json<'_> {
        fn from(value: JsValue) -> Self {
            Self(value, PhantomData)
        }
    }

    impl Json<'_> {
        /// Parses a text and takes something from the tree.
        pub(in crate::protocol) fn read<T>(text: &str, take: impl FnOnce(&Json<'_>) -> Option<T>) -> Option<T> {
            take(&JSON::parse(text).ok()?.into())
        }

        /// Returns `true` for `null`.
        #[must_use]
        pub fn is_null(&self) -> bool {
            self.0.is_null()
        }

        /// Returns the value of a boolean.
        #[must_use]
        pub fn as_bool(&self) -> Option<bool> {
            self.0.as_bool()
        }

        /// Returns the value of a number.
        #[must_use]
        pub fn as_f64(&self) -> Option<f64> {
            self.0.as_f64()
        }

        /// Returns the value of a whole, non-negative number.
        #[must_use]
        pub fn as_u64(&self) -> Option<u64> {
            let number = self.as_f64()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "what does not survive the way there and back is no such number"
            )]
            let (whole, back) = (number as u64, number as u64 as f64);
            (back == number).then_some(whole)
        }

        /// Returns the value of a string.
        #[must_use]
        pub fn as_text(&self) -> Option<String> {
            self.0.as_string()
        }

        /// Returns the field of an object, if it has one of this name.
        #[must_use]
        pub fn get(&self, name: &str) -> Option<Json<'_>> {
            // Reading a field of `null` is an error, and a missing field is `undefined`.
            let value = Reflect::get(&self.0, &JsValue::from_str(name)).ok()?;
            (!value.is_undefined()).then(|| value.into())
        }

        /// Yields the items of an array.
        #[must_use]
        pub fn items(&self) -> Option<impl Iterator<Item = Json<'_>>> {
            Array::is_array(&self.0).then(|| Array::from(&self.0).into_iter().map(Into::into))
        }

        /// Yields the fields of an object.
        #[must_use]
        pub fn fields(&self) -> Option<impl Iterator<Item = (String, Json<'_>)>> {
            let fields = Object::try_from(&self.0).filter(|_| !Array::is_array(&self.0)).map(Object::entries)?;
            Some(fields.into_iter().filter_map(|field| {
                let field = Array::from(&field);
                Some((field.get(0).as_string()?, field.get(1).into()))
            }))
        }
    }
}
