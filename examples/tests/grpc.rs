//! The gRPC example as its clients meet it: over a socket, with tokens and without.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use authsafe::dev::LocalProvider;
use http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Clone, PartialEq, prost::Message)]
struct Nothing {}

#[derive(Clone, PartialEq, prost::Message)]
struct Greeting {
    #[prost(string, tag = "1")]
    text: String,
}

async fn call(
    channel: &Channel,
    method: &'static str,
    token: Option<&str>,
) -> Result<String, Status> {
    let mut request = Request::new(Nothing {});
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static(method);
    let codec = ProstCodec::<Nothing, Greeting>::default();
    let answer = client.unary(request, path, codec).await?;
    Ok(answer.into_inner().text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_a_status_of_grpc() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let mut command = program::unconfigured(env!("CARGO_BIN_EXE_grpc"));
    let vars = provider.vars("");
    for name in ["AUTHSAFE_DOMAIN", "AUTHSAFE_CLIENT_ID"] {
        command.env(name, vars(name).unwrap());
    }
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let _running = Running(process);
    let line = lines.find(|line| line.as_ref().unwrap().trim().starts_with("app"));
    let line = line.expect("it says where it is").unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let url = line
        .split_whitespace()
        .nth(1)
        .unwrap()
        .replace("localhost", "127.0.0.1");
    let channel = Endpoint::from_shared(url).unwrap().connect().await.unwrap();

    let audience = "https://grpc.example.com";
    let alice = provider
        .access_token("alice", audience, &["admin"])
        .unwrap();
    let bob = provider.access_token("bob", audience, &[]).unwrap();
    let other = provider
        .access_token("bob", "https://other.example", &[])
        .unwrap();
    let (hello, admin) = ("/greeter.Greeter/Hello", "/greeter.Greeter/Admin");

    assert_eq!(
        call(&channel, hello, Some(&bob)).await.unwrap(),
        "Hello authsafe|bob"
    );
    let greeting = call(&channel, admin, Some(&alice)).await.unwrap();
    assert!(greeting.contains("you may do everything"));

    for token in [None, Some("nonsense"), Some(&*other)] {
        let refused = call(&channel, hello, token).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
        let challenge = refused.metadata().get("www-authenticate").unwrap();
        assert!(challenge.to_str().unwrap().starts_with("Bearer"));
    }
    let refused = call(&channel, admin, Some(&bob)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    let unknown = call(&channel, "/greeter.Greeter/Nothing", Some(&bob))
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::Unimplemented);
}
