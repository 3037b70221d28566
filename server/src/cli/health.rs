//! `generatio health`: what container runtimes ask.

use super::{CliError, Configuration, block_on};
use crate::settings::Settings;
use crate::transport;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    configuration: Configuration,
}

impl Health {
    pub(super) fn run(self) -> Result<(), CliError> {
        let settings = self.configuration.settings(None)?;
        block_on(ask(&settings))
    }
}

/// Asks the server of these settings on this machine whether it is ready.
async fn ask(settings: &Settings) -> Result<(), CliError> {
    let scheme = if settings.has_tls() { "https" } else { "http" };
    let url = format!("{scheme}://{}/readyz", this_machine(settings.http));
    // The certificate is for the server's name, and nothing secret is sent to it here.
    let client = transport::client(|builder| builder.tls_danger_accept_invalid_certs(true));
    let client = client.map_err(|error| CliError::Unready(error.to_string()))?;
    let answer = client.get(&url).timeout(PATIENCE).send().await;
    let answer = answer.map_err(|error| CliError::Unready(format!("{url}: {}", transport::innermost(&error))))?;
    let (status, told) = (answer.status(), answer.text().await.unwrap_or_default());
    if status.is_success() { Ok(()) } else { Err(CliError::Unready(told)) }
}

/// Where a server that listens on all addresses is found from here.
fn this_machine(listening: SocketAddr) -> SocketAddr {
    let address = match listening.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, listening.port())
}

#[cfg(test)]
mod tests {
    use super::{ask, this_machine};
    use crate::http::answer::tests::app;
    use crate::settings::Settings;
    use tokio::net::TcpListener;

    #[test]
    fn all_addresses_are_this_machine_s() {
        for (listening, asked) in [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:2", "[::1]:2"), ("192.0.2.1:3", "192.0.2.1:3")]
        {
            assert_eq!(this_machine(listening.parse().unwrap()), asked.parse().unwrap());
        }
    }

    #[tokio::test]
    async fn a_ready_server_is_well_and_others_are_not() {
        let (app, _folder) = app().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings { http: listener.local_addr().unwrap(), ..Settings::default() };
        let serving = tokio::spawn(crate::http::serve(listener, None, app.clone(), std::future::pending()));
        ask(&settings).await.unwrap();
        app.store.close().await;
        let told = ask(&settings).await.unwrap_err().to_string();
        assert!(told.contains(r#""database":false"#), "{told}");
        serving.abort();
        let _ = serving.await;
        assert!(ask(&settings).await.unwrap_err().to_string().contains("/readyz"));
    }
}
