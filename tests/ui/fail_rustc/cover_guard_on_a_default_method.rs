use authsafe::require_permission;

trait Admin: Send + Sync {
    #[require_permission("a")]
    #[require_permission("b")]
    async fn dashboard(&self) -> &'static str {
        "admin"
    }

    #[require_permission("a")]
    async fn of(them: &Self) -> &'static str {
        them.name()
    }

    fn name(&self) -> &'static str;
}

fn main() {}
