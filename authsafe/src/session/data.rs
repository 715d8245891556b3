//! The app's own data in a session, by name.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Names and JSON values; together they are a text within the seal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Data(Map<String, Value>);

impl Data {
    pub(crate) fn encode(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        // A map of JSON values always serializes.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    pub(crate) fn decode(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.get(name)?).ok()
    }

    pub(crate) fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), DataError> {
        let value = serde_json::to_value(value).map_err(|_| DataError)?;
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

/// A value cannot be kept in a session: it does not serialize to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value does not serialize to JSON")]
pub struct DataError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_under_their_names_and_types() {
        let mut data = Data::default();
        data.set("theme", &"dark").unwrap();
        data.set("cart", &[1, 2]).unwrap();
        let data = Data::decode(&data.encode());
        assert_eq!(data.get::<String>("theme").as_deref(), Some("dark"));
        assert_eq!(data.get::<Vec<u8>>("cart"), Some(vec![1, 2]));
        assert_eq!(data.get::<u8>("theme"), None);
        assert_eq!(data.get::<u8>("other"), None);
    }

    #[test]
    fn no_data_takes_no_room() {
        let mut data = Data::default();
        data.set("a", &1).unwrap();
        data.remove("a");
        assert_eq!(data.encode(), "");
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let by_pair = std::collections::HashMap::from([((1, 2), 3)]);
        assert_eq!(Data::default().set("a", &by_pair), Err(DataError));
    }
}
