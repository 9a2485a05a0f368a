//! A forge's API, as far as comments on a pull request go.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and target.
    pub line: String,
    pub authorization: String,
    /// What was sent, null where that is no JSON.
    pub body: Value,
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    pages: Vec<Vec<Value>>,
    refuses: bool,
}

/// The API, on a port of its own, for as long as the test runs.
pub struct Api {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Api {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &served);
            }
        });
        Self { url, state }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns what was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// Lets there be these comments, page by page.
    pub fn holds(&self, pages: Vec<Vec<Value>>) {
        self.state.lock().unwrap().pages = pages;
    }

    /// Lets nothing be written any more.
    pub fn refuses(&self) {
        self.state.lock().unwrap().refuses = true;
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(&stream);
    let (mut line, mut authorization, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut line).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "authorization" => value.clone_into(&mut authorization),
            "content-length" => length = value.parse().unwrap(),
            "expect" => (&stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut state = state.lock().unwrap();
    let (status, said) = match (line.starts_with("GET "), state.refuses) {
        (true, _) => {
            let (_, page) = line.rsplit_once("page=").unwrap();
            let page = page.parse::<usize>().unwrap() - 1;
            ("200 OK", json!(state.pages.get(page).cloned().unwrap_or_default()))
        }
        (false, true) => ("403 Forbidden", json!({"message": "Resource not accessible by integration"})),
        (false, false) => ("201 Created", json!({"id": 1})),
    };
    let body = serde_json::from_slice(&body).unwrap_or_default();
    state.asked.push(Asked { line, authorization, body });
    let said = said.to_string();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", said.len());
    (&stream).write_all((head + &said).as_bytes()).unwrap();
}
