//! Chromium without a window, spoken to through two pipes (`--remote-debugging-pipe`): each message is JSON and ends in a
//! null byte. Nothing is put into the pages: scripts are evaluated from outside, whatever a page's policy forbids it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A page's window.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its width, in CSS pixels.
    pub width: u32,
    /// Whether the reader prefers dark pages.
    pub dark: bool,
    /// Whether it is paper, which is never dark.
    pub paper: bool,
}

/// A browser with one page.
pub struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    sent: u64,
    session: String,
    /// The addresses that the page asked for.
    pub requests: Vec<String>,
    _dir: tempfile::TempDir,
}

/// Starts Chromium. It goes by itself after five minutes; the shell opens the pipes where Chromium looks for them.
const START: &str = "exec timeout 300 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
     --no-first-run --user-data-dir=profile --remote-debugging-pipe about:blank 3<to 4>from >log 2>&1";

impl Browser {
    /// Starts one; `None`, and a word on it, where there is none.
    #[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
    pub fn start() -> Option<Self> {
        if !Command::new("chromium").arg("--version").output().is_ok_and(|output| output.status.success()) {
            assert!(std::env::var_os("HITL_TEST_ALL").is_none_or(|all| all != "1"), "needs chromium");
            println!("skipped: needs chromium");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(Command::new("mkfifo").args(["to", "from"]).current_dir(&dir).status().unwrap().success());
        let child =
            Command::new("sh").args(["-c", START]).current_dir(&dir).stdin(Stdio::null()).spawn().unwrap();
        // Each of these waits for the other end to be opened, in the order the shell does it.
        let to = File::options().write(true).open(dir.path().join("to")).unwrap();
        let from = BufReader::new(File::open(dir.path().join("from")).unwrap());
        let (session, requests) = (String::new(), Vec::new());
        let mut browser = Self { child, to, from, sent: 0, session, requests, _dir: dir };
        let target = browser.send("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.send("Target.attachToTarget", attach);
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        browser.send("Page.enable", json!({}));
        browser.send("Network.enable", json!({}));
        Some(browser)
    }

    /// Shows a file in a window.
    pub fn open(&mut self, file: &Path, window: Window) {
        let size = json!({ "width": window.width, "height": 800, "deviceScaleFactor": 1, "mobile": window.width < 600 });
        self.send("Emulation.setDeviceMetricsOverride", size);
        let scheme = if window.dark { "dark" } else { "light" };
        let media = if window.paper { "print" } else { "screen" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.send("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
        self.requests.clear();
        self.send("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        // A promise that is kept when everything is there.
        let loaded = "new Promise(done => document.readyState == 'complete' ? done(1) : addEventListener('load', () => done(1)))";
        self.evaluate(loaded);
    }

    /// Returns what an expression comes to in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.send("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Sends a command and returns its result.
    pub fn send(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("chromium listens");
        loop {
            let message = self.read();
            if message["method"] == "Network.requestWillBeSent" {
                self.requests.extend(message["params"]["request"]["url"].as_str().map(str::to_owned));
            }
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("chromium answers");
        assert_eq!(bytes.pop(), Some(0), "chromium is gone");
        serde_json::from_slice(&bytes).expect("messages are JSON")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let close = json!({ "id": 0, "method": "Browser.close" });
        if self.to.write_all(format!("{close}\0").as_bytes()).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
