//! The sessions that the app has seen. In memory; an app of several machines has them in its database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use authsafe::Session;
use authsafe::session::SessionId;

/// A session, and where it is.
#[derive(Clone)]
pub struct Device {
    pub id: SessionId,
    /// Such as `Firefox on Linux`.
    pub name: String,
    /// In seconds since 1970.
    pub seen_at: u64,
    user: String,
    ends_at: u64,
}

#[derive(Clone, Default)]
pub struct Devices(Arc<Mutex<BTreeMap<String, Device>>>);

impl Devices {
    pub fn seen(&self, session: &Session, agent: &str) {
        let device = Device {
            id: session.id(),
            name: name(agent),
            seen_at: now(),
            user: session.user().id().to_owned(),
            ends_at: session.expires_at(),
        };
        let mut all = self.all();
        all.retain(|_, device| device.ends_at > now());
        all.insert(device.id.to_string(), device);
    }

    /// Those of a user, the last seen first.
    pub fn of(&self, user: &str) -> Vec<Device> {
        let all = self.all();
        let own = all
            .values()
            .filter(|it| it.user == user && it.ends_at > now());
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|device| std::cmp::Reverse(device.seen_at));
        own
    }

    pub fn has(&self, user: &str, id: SessionId) -> bool {
        let all = self.all();
        all.get(&id.to_string()).is_some_and(|it| it.user == user)
    }

    pub fn forget(&self, id: SessionId) {
        self.all().remove(&id.to_string());
    }

    pub fn forget_all_of(&self, user: &str) {
        self.all().retain(|_, device| device.user != user);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Device>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

/// A name for people. Browsers name others in theirs, so the order matters.
fn name(agent: &str) -> String {
    let browser = first_in(
        agent,
        &[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ],
        "A browser",
    );
    let system = first_in(
        agent,
        &[
            ("Android", "Android"),
            ("iPhone", "an iPhone"),
            ("iPad", "an iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "a Mac"),
            ("Linux", "Linux"),
        ],
        "a device",
    );
    format!("{browser} on {system}")
}

fn first_in<'n>(agent: &str, names: &[(&str, &'n str)], none: &'n str) -> &'n str {
    let found = names.iter().find(|(part, _)| agent.contains(part));
    found.map_or(none, |(_, name)| name)
}
