//! Who has signed in. In memory; an app has them in its database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authsafe::Session;

#[derive(Clone)]
pub struct Person {
    pub user: String,
    pub name: String,
    pub email: Option<String>,
    pub sign_ins: u32,
    pub is_blocked: bool,
}

#[derive(Clone, Default)]
pub struct People(Arc<Mutex<BTreeMap<String, Person>>>);

impl People {
    pub fn signed_in(&self, session: &Session) {
        let user = session.user();
        let mut people = self.people();
        let before = people.get(user.id());
        let person = Person {
            user: user.id().to_owned(),
            name: user.display_name().to_owned(),
            email: user.email().map(str::to_owned),
            sign_ins: before.map_or(0, |it| it.sign_ins).saturating_add(1),
            is_blocked: before.is_some_and(|it| it.is_blocked),
        };
        people.insert(person.user.clone(), person);
    }

    pub fn all(&self) -> Vec<Person> {
        self.people().values().cloned().collect()
    }

    pub fn block(&self, user: &str, is_blocked: bool) {
        if let Some(person) = self.people().get_mut(user) {
            person.is_blocked = is_blocked;
        }
    }

    pub fn is_blocked(&self, user: &str) -> bool {
        self.people().get(user).is_some_and(|it| it.is_blocked)
    }

    fn people(&self) -> MutexGuard<'_, BTreeMap<String, Person>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
