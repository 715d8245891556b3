use authsafe::Session;
use http::request::Parts;

#[authsafe::policy]
async fn owner(_: &Session, _: &Parts) -> bool {
    let kept = std::rc::Rc::new(true);
    std::future::ready(()).await;
    *kept
}

fn main() {}
