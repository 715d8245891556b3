use authsafe::store::Memory;

mod stores {
    use super::Memory;

    pub async fn open() -> Result<Memory, std::convert::Infallible> {
        Ok(Memory::default())
    }
}

#[authsafe::routes(session(store = stores::open))]
pub mod auth {}

#[authsafe::routes(session(store = "redis"), shared_state(redis = env("REDIS_URL")))]
pub mod in_redis {}

fn main() {}
