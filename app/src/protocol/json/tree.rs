//! A text of JSON as a tree.
//!
//! A browser has a reader of its own, and another one would have to be downloaded first, so in the page the browser
//! reads. Everything else (the simulator, the tests) has `serde_json`.
//!
//! Invariant: of what a server writes, both say the same. Its numbers stay below 2^53, which is as far as a browser's go.
//! To a browser `1.0` is the whole number that it is, to `serde_json` it is none; a server writes whole
//! numbers without a point.

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
        /// Reads a text, and takes something from it.
        pub(in crate::protocol) fn read<T>(text: &str, take: impl FnOnce(&Json<'_>) -> Option<T>) -> Option<T> {
            take(&Json(&serde_json::from_str(text).ok()?))
        }

        /// Whether it is `null`.
        #[must_use]
        pub fn is_null(&self) -> bool {
            self.0.is_null()
        }

        /// It, if it is `true` or `false`.
        #[must_use]
        pub fn as_bool(&self) -> Option<bool> {
            self.0.as_bool()
        }

        /// It, if it is a number.
        #[must_use]
        pub fn as_f64(&self) -> Option<f64> {
            self.0.as_f64()
        }

        /// It, if it is a whole number and not negative.
        #[must_use]
        pub fn as_u64(&self) -> Option<u64> {
            self.0.as_u64()
        }

        /// It, if it is a string.
        #[must_use]
        pub fn as_text(&self) -> Option<String> {
            self.0.as_str().map(Into::into)
        }

        /// A field of it, if it has one of this name.
        #[must_use]
        pub fn get(&self, name: &str) -> Option<Json<'_>> {
            self.0.get(name).map(Json)
        }

        /// What is in it, if it is an array.
        #[must_use]
        pub fn items(&self) -> Option<impl Iterator<Item = Json<'_>>> {
            self.0.as_array().map(|items| items.iter().map(Json))
        }

        /// Its fields, if it is an object.
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

    /// A value in a tree of JSON. It is borrowed in name only, as the one of a server is in fact.
    #[derive(Debug)]
    pub struct Json<'a>(JsValue, PhantomData<&'a JsValue>);

    impl From<JsValue> for Json<'_> {
        fn from(value: JsValue) -> Self {
            Self(value, PhantomData)
        }
    }

    impl Json<'_> {
        /// Reads a text, and takes something from it.
        pub(in crate::protocol) fn read<T>(text: &str, take: impl FnOnce(&Json<'_>) -> Option<T>) -> Option<T> {
            take(&JSON::parse(text).ok()?.into())
        }

        /// Whether it is `null`.
        #[must_use]
        pub fn is_null(&self) -> bool {
            self.0.is_null()
        }

        /// It, if it is `true` or `false`.
        #[must_use]
        pub fn as_bool(&self) -> Option<bool> {
            self.0.as_bool()
        }

        /// It, if it is a number.
        #[must_use]
        pub fn as_f64(&self) -> Option<f64> {
            self.0.as_f64()
        }

        /// It, if it is a whole number and not negative.
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

        /// It, if it is a string.
        #[must_use]
        pub fn as_text(&self) -> Option<String> {
            self.0.as_string()
        }

        /// A field of it, if it has one of this name.
        #[must_use]
        pub fn get(&self, name: &str) -> Option<Json<'_>> {
            // What can have no fields is an error, and what has none of this name has one that is undefined.
            let value = Reflect::get(&self.0, &JsValue::from_str(name)).ok()?;
            (!value.is_undefined()).then(|| value.into())
        }

        /// What is in it, if it is an array.
        #[must_use]
        pub fn items(&self) -> Option<impl Iterator<Item = Json<'_>>> {
            Array::is_array(&self.0).then(|| Array::from(&self.0).into_iter().map(Into::into))
        }

        /// Its fields, if it is an object.
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
