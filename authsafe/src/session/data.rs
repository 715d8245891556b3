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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn decode(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.get(name)?).ok()
    }

    pub(crate) fn apply(&mut self, change: DataChange) {
        match change {
            DataChange::Set(name, value) => self.0.insert(name, value),
            DataChange::Remove(name) => self.0.remove(&name),
        };
    }
}

impl From<Map<String, Value>> for Data {
    fn from(values: Map<String, Value>) -> Self {
        Self(values)
    }
}

/// One change of an app's data.
#[derive(Debug, Clone)]
pub(crate) enum DataChange {
    Set(String, Value),
    Remove(String),
}

impl DataChange {
    /// Returns the name that it is about.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Set(name, _) | Self::Remove(name) => name,
        }
    }

    /// Returns the value that is there after it, where it is of this type.
    pub(crate) fn value<T: DeserializeOwned>(&self) -> Option<T> {
        match self {
            Self::Set(_, value) => T::deserialize(value).ok(),
            Self::Remove(_) => None,
        }
    }

    pub(crate) fn set(name: &str, value: &impl Serialize) -> Result<Self, DataError> {
        let value = serde_json::to_value(value).map_err(|_| DataError)?;
        Ok(Self::Set(name.to_owned(), value))
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
        data.apply(DataChange::set("theme", &"dark").unwrap());
        data.apply(DataChange::set("cart", &[1, 2]).unwrap());
        let data = Data::decode(&data.encode());
        assert_eq!(data.get::<String>("theme").as_deref(), Some("dark"));
        assert_eq!(data.get::<Vec<u8>>("cart"), Some(vec![1, 2]));
        assert_eq!(data.get::<u8>("theme"), None);
        assert_eq!(data.get::<u8>("other"), None);
    }

    #[test]
    fn a_change_has_its_name_and_the_value_after_it() {
        let set = DataChange::set("cart", &[1, 2]).unwrap();
        assert_eq!((set.name(), set.value()), ("cart", Some(vec![1, 2])));
        assert_eq!(set.value::<String>(), None);
        let removed = DataChange::Remove("theme".to_owned());
        assert_eq!((removed.name(), removed.value::<u8>()), ("theme", None));
    }

    #[test]
    fn no_data_takes_no_room() {
        let mut data = Data::default();
        data.apply(DataChange::set("a", &1).unwrap());
        data.apply(DataChange::Remove("a".to_owned()));
        assert_eq!(data.encode(), "");
    }

    #[test]
    fn data_is_empty_where_nothing_is_in_it() {
        assert!(Data::default().is_empty());
        let one = Map::from_iter([("a".to_owned(), Value::from(1))]);
        let one = Data::from(one);
        assert_eq!((one.is_empty(), one.get("a")), (false, Some(1)));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let by_pair = std::collections::HashMap::from([((1, 2), 3)]);
        assert!(DataChange::set("a", &by_pair).is_err());
    }
}
