//! Whether the endpoints are where the attribute says that they are. Routers that are nested, and proxies, cut
//! paths; the redirect URI and each link stay as the attribute has them.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use http::request::Parts;

use crate::log;

/// What is known of where the endpoints are. Each thing is said once.
#[derive(Debug)]
pub(crate) struct Whereabouts {
    base_path: &'static str,
    redirect_uri: String,
    /// Whether one has been found.
    are_found: AtomicBool,
    told: Once,
    told_of_proxy: Once,
    told_of_absence: Once,
    told_of_layer: Once,
}

impl Whereabouts {
    pub(super) fn new(base_path: &'static str, redirect_uri: &str) -> Self {
        Self {
            base_path,
            redirect_uri: redirect_uri.to_owned(),
            are_found: AtomicBool::new(false),
            told: Once::new(),
            told_of_proxy: Once::new(),
            told_of_absence: Once::new(),
            told_of_layer: Once::new(),
        }
    }

    /// Notes that an endpoint is asked for, which has this path in the attribute. Says what to write where
    /// browsers ask for it by another.
    pub(crate) fn note(&self, path: &str, request: &Parts) {
        let base_path = self.base_path;
        self.are_found.store(true, Ordering::Relaxed);
        let asked = request.uri.path();
        if let Some(above) = asked.strip_suffix(path).filter(|it| !it.is_empty()) {
            self.told.call_once(|| {
                log::warn!(
                    asked = cut(asked),
                    path,
                    redirect_uri = self.redirect_uri,
                    "an endpoint is nested below a path that the attribute does not know of: neither the redirect \
                     URI nor the way to sign in has it. Write `base_path = \"{above}{base_path}\"`, and put the \
                     endpoints beside what is nested: `.merge(auth.router())` on the outermost router, or on \
                     actix-web `.configure(auth.configure())` before the scope",
                    above = cut(above),
                );
            });
        } else if let Some(above) = cut_by_proxy(&request.headers, base_path) {
            self.told_of_proxy.call_once(|| {
                log::warn!(
                    asked = cut(asked),
                    prefix = cut(above),
                    redirect_uri = self.redirect_uri,
                    "a proxy has cut off the beginning of a path (`X-Forwarded-Prefix`), so that the redirect URI and \
                     the way to sign in lead past the app: have it pass paths on whole, and write `base_path = \
                     \"{above}{base_path}\"`",
                    above = cut(above),
                );
            });
        }
    }

    /// Says what to write where nothing has been found at an endpoint's path.
    pub(crate) fn note_absence(&self) {
        if self.are_found.load(Ordering::Relaxed) {
            return;
        }
        self.told_of_absence.call_once(|| {
            log::warn!(
                base_path = self.base_path,
                "a browser has asked for an endpoint, and there is none: add `.merge(auth.router())` to the outermost \
                 router, or on actix-web `.configure(auth.configure())` to the app, outside of what is nested; and \
                 where browsers see the app below a path, write that in front of `base_path`"
            );
        });
    }

    /// Says what to write where the session layer is below a path, and the endpoints are perhaps.
    pub(crate) fn note_nested_layer(&self, above: &str) {
        let base_path = self.base_path;
        if base_path.starts_with(above) || self.are_found.load(Ordering::Relaxed) {
            return;
        }
        self.told_of_layer.call_once(|| {
            log::info!(
                nested = above,
                base_path,
                "the session layer is in a router that is nested. Where the endpoints are in it too, browsers do not \
                 find them: write `base_path = \"{above}{base_path}\"`, and put them beside what is nested, by \
                 `.merge(auth.router())` on the outermost router"
            );
        });
    }
}

/// Returns what a proxy says that it has cut off; `None` where the attribute knows of it.
fn cut_by_proxy<'h>(headers: &'h HeaderMap, base_path: &str) -> Option<&'h str> {
    let prefix = headers.get("x-forwarded-prefix")?.to_str().ok()?;
    let prefix = prefix.trim_end_matches('/');
    (prefix.starts_with('/') && !base_path.starts_with(prefix)).then_some(prefix)
}

/// As much of it as a line of the log has.
fn cut(path: &str) -> &str {
    path.get(..200).unwrap_or(path)
}
