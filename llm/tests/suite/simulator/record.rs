//! The record of requests, cancellation, and the simulator's own end.

use std::time::Duration;

use catena_llm::simulator::{Answer, Fault, Outcome, Provider, Simulator};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{MODEL, ask, pieces, simulator};

#[tokio::test]
async fn requests_are_recorded_without_their_keys() {
    let sim = simulator().await;
    for provider in Provider::ALL {
        let _ = pieces(ask(&sim, provider, true).await).await;
        let recorded = sim.requests().pop().unwrap();
        assert_eq!((recorded.outcome, recorded.status), (Outcome::Sent, Some(200)));
        assert!(recorded.finished.unwrap() >= recorded.arrived);
        let request = recorded.request;
        assert_eq!((request.provider, request.model.as_str(), request.attempt), (provider, MODEL, 1));
        assert!(request.stream && request.path.starts_with(provider.base_path()));
        assert_eq!(request.headers["content-type"], "application/json");
        assert!(!format!("{request:?}").contains("secret"));
    }
    assert_eq!(sim.requests_for(Provider::Gemini).len(), 1);
    assert_eq!(sim.requests_for(MODEL).len(), Provider::ALL.len());
    sim.clear_requests();
    assert!(sim.requests().is_empty());
}

#[tokio::test]
async fn leaving_before_the_answer_is_recorded() {
    let sim = simulator().await;
    sim.script(MODEL).fail(Fault::Hang).always();
    for (index, provider) in Provider::ALL.into_iter().enumerate() {
        tokio::select! {
            _ = ask(&sim, provider, false) => panic!("it hangs"),
            () = sim.received(index + 1) => {}
        }
        // The call is dropped, but only now does anything run that could notice.
        assert_eq!(sim.requests()[index].outcome, Outcome::InFlight);
        sim.idle().await;
        assert!(sim.requests()[index].client_left(), "{provider}");
    }
}

#[tokio::test]
async fn leaving_amid_the_answer_is_recorded() {
    let delay = Duration::from_millis(20);
    let answer = move |_: &_| Answer::new("word ".repeat(1000)).chunk_delay(delay);
    let sim = Simulator::builder().respond(answer).start().await.unwrap();
    for provider in Provider::ALL {
        let mut response = ask(&sim, provider, true).await;
        assert!(response.chunk().await.unwrap().is_some());
        drop(response);
        sim.idle().await;
        let recorded = sim.requests().pop().unwrap();
        assert!(recorded.client_left() && recorded.status == Some(200), "{provider}");
    }
}

#[tokio::test]
async fn load_is_counted() {
    let sim = Simulator::builder().latency(Duration::from_secs(1)).start().await.unwrap();
    let calls = join_all((0..5).map(|_| ask(&sim, Provider::OpenAi, false)));
    let watch = async {
        sim.received(5).await;
        sim.in_flight()
    };
    let (_, in_flight) = tokio::join!(calls, watch);
    assert_eq!(in_flight, 5);
    sim.idle().await;
    assert_eq!((sim.in_flight(), sim.peak_in_flight(), sim.requests().len()), (0, 5, 5));
    let mut attempts: Vec<usize> = sim.requests().iter().map(|recorded| recorded.request.attempt).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn connections_are_kept_alive() {
    let sim = simulator().await;
    let mut connection = TcpStream::connect(sim.address()).await.unwrap();
    let body = super::body(Provider::OpenAi, false, "Hello").to_string();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer secret\r\n";
    for _ in 0..3 {
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with('}') {
            let mut buffer = [0; 4096];
            let length = connection.read(&mut buffer).await.unwrap();
            assert!(length > 0, "closed");
            answer.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!(sim.requests().len(), 3);
}

#[tokio::test]
async fn dropping_the_simulator_ends_everything() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let sim = simulator().await;
    sim.script(MODEL).fail(Fault::Stall { after: 1 });
    let response = ask(&sim, Provider::OpenAi, true).await;
    let address = sim.address();
    drop(sim);
    let (_, complete) = pieces(response).await;
    assert!(!complete);
    assert!(TcpStream::connect(address).await.is_err());
    tokio::time::timeout(Duration::from_secs(5), async {
        while alive() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("no task is left");
}
