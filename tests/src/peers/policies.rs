//! Policies of the app's own, and what they guard.

use authsafe::{Authorized, Decision, Session, require};
use http::request::Parts;

use super::apps::Broken;

/// What the app shares with its policies: a database, say.
#[derive(Clone)]
pub(super) struct Owner {
    id: &'static str,
}

pub(super) const OWNER: Owner = Owner {
    id: "authsafe|alice",
};

#[authsafe::policy]
async fn owns(session: &Session, request: &Parts) -> Decision {
    match request.extensions.get::<Owner>() {
        _ if request.uri.path().ends_with("/lost") => Decision::unavailable("nobody knows whose"),
        Some(owner) if owner.id == session.user().id() => Decision::allow(),
        Some(_) => Decision::deny_because("somebody else's"),
        None => Decision::unavailable("the app shares no owner"),
    }
}

/// Needs a while; by then, others have failed.
#[authsafe::policy]
async fn owns_after_a_while(session: &Session, request: &Parts) -> Decision {
    tokio::task::yield_now().await;
    owns(session, request).await
}

#[authsafe::policy(all(scope("admin"), recent("5m")), routes = any)]
pub(super) struct Admin;

#[require(policy = owns)]
pub(super) async fn owned(body: String) -> String {
    format!("taken: {body}")
}

#[require(policy = owns_after_a_while)]
pub(super) async fn owned_and_broken(_: Broken) -> &'static str {
    "never reached"
}

pub(super) async fn witnessed(admin: Authorized<Admin>) -> String {
    witness(&admin)
}

fn witness(admin: &Authorized<Admin>) -> String {
    format!("by {}", admin.session().user().id())
}

/// The app's database, as each framework hands it to a policy.
#[derive(Clone)]
pub(crate) struct Documents;

impl Documents {
    async fn judge(&self, session: &Session, id: u64) -> Decision {
        tokio::task::yield_now().await;
        match id {
            1 if session.user().id() == "authsafe|alice" => Decision::allow(),
            4 if session.user().id() == "authsafe|bob" => Decision::allow(),
            1 | 2 | 4 => Decision::deny_because("somebody else's"),
            _ => Decision::unavailable("the database does not answer"),
        }
    }
}

pub(super) mod on_axum {
    use super::{Decision, Documents, Session, require};
    use axum::extract::{Path, State};

    #[authsafe::policy]
    async fn owns(
        session: &Session,
        State(documents): State<Documents>,
        Path(id): Path<u64>,
    ) -> Decision {
        documents.judge(session, id).await
    }

    #[require(policy = owns)]
    pub(crate) async fn document(Path(id): Path<u64>, body: String) -> String {
        format!("document {id}{body}")
    }

    #[require(any(permission("users:write"), policy(owns)))]
    pub(crate) async fn shared(Path(id): Path<u64>) -> String {
        format!("shared {id}")
    }
}

pub(super) mod on_actix {
    use super::{Decision, Documents, Parts, Session, require};
    use actix_web::web::{Data, Path};

    #[authsafe::policy]
    async fn owns(
        session: &Session,
        request: &Parts,
        documents: Data<Documents>,
        id: Path<u64>,
    ) -> Decision {
        assert!(request.uri.path().ends_with(&id.to_string()));
        documents.judge(session, *id).await
    }

    #[require(policy = owns)]
    pub(crate) async fn document(id: Path<u64>, body: String) -> String {
        format!("document {id}{body}")
    }

    #[require(any(permission("users:write"), policy(owns)))]
    pub(crate) async fn shared(id: Path<u64>) -> String {
        format!("shared {id}")
    }
}

pub(super) mod on_hyper {
    use super::{Authorized, Decision, Documents, Parts, Session};

    #[authsafe::policy]
    async fn owns(session: &Session, documents: Documents, id: u64) -> Decision {
        documents.judge(session, id).await
    }

    pub(crate) async fn document(request: &Parts, id: &str) -> Result<String, authsafe::Response> {
        // As the other two refuse it: after whoever is signed out.
        let id = match id.parse() {
            Ok(id) => id,
            Err(_) => {
                Session::of(request).await?;
                return Ok("no document".to_owned());
            }
        };
        let owner = Authorized::<owns>::with(request, (Documents, id)).await?;
        assert!(!owner.session().user().id().is_empty());
        Ok(format!("document {id}"))
    }

    /// What `any(permission("users:write"), policy(owns))` is elsewhere.
    pub(crate) async fn shared(request: &Parts, id: &str) -> Result<String, authsafe::Response> {
        let id = id.parse().unwrap();
        let writer = authsafe::Policy::Permission("users:write");
        let session = Session::of(request).await?;
        if !writer.allows(&session, 0) {
            let _: Authorized<owns> = Authorized::with(request, (Documents, id)).await?;
        }
        Ok(format!("shared {id}"))
    }
}

/// What hyper is answered.
pub(super) async fn answer(request: &Parts) -> Result<String, authsafe::Response> {
    match request.uri.path() {
        "/witnessed" => Authorized::<Admin>::of(request)
            .await
            .map(|it| witness(&it)),
        "/owned/broken" => {
            let _: Authorized<owns_after_a_while> = Authorized::of(request).await?;
            Ok("broken".to_owned())
        }
        _ => {
            let owner = Authorized::<owns>::of(request).await?;
            let session = Session::authorize(request, authsafe::Policy::SignedIn).await?;
            assert_eq!(owner.session().id(), session.id());
            Ok("taken: ".to_owned())
        }
    }
}
