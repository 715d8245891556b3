//! Chromium's own commands, beside the standard's: what the browser pretends to be.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};

use crate::browser::Person;

impl Person<'_> {
    /// Dark or light, and of this size. Below 600 pixels it is a phone.
    pub(crate) async fn looks(&self, dark: bool, width: u32, height: u32) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.pretends(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        )
        .await;
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.pretends("Emulation.setDeviceMetricsOverride", &screen)
            .await;
    }

    async fn pretends(&self, command: &str, params: &Value) {
        let command = Command(json!({ "cmd": command, "params": params }));
        self.0.issue_cmd(command).await.unwrap();
    }
}

#[derive(Debug)]
struct Command(Value);

impl WebDriverCompatibleCommand for Command {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}
