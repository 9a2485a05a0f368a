//! The pages in a browser: they fit a telephone, every text stands out from what is behind it, nothing of the data becomes
//! markup, and nothing is fetched.
#![expect(dead_code, reason = "the repository serves other tests too")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "cli/repo.rs"]
mod repo;
#[path = "pages/survey.rs"]
mod survey;
#[path = "pages/world.rs"]
mod world;

use std::path::PathBuf;
use std::sync::OnceLock;

use browser::{Browser, Window};
use hitl::check::CheckReport;
use hitl::dataset::{At, Dataset};
use hitl::render::html;
use hitl::survey::Survey;
use serde_json::{Value, json};

const WINDOWS: [Window; 5] = [
    Window { width: 360, dark: false, paper: false },
    Window { width: 360, dark: true, paper: false },
    Window { width: 1280, dark: false, paper: false },
    Window { width: 1280, dark: true, paper: false },
    Window { width: 720, dark: true, paper: true },
];

/// Text that stands out too little from what is behind it, with its contrast by WCAG 2.2, and how many texts were looked at.
const CONTRASTS: &str = include_str!("pages/contrast.js");

/// What of the page is wider than its window, and does not scroll in a box of its own.
const TOO_WIDE: &str = "[...document.querySelectorAll('main *')]
    .filter(one => !one.closest('.wide') && one.getBoundingClientRect().right > innerWidth + 0.5)
    .map(one => one.outerHTML.slice(0, 120))";

/// A folder with a page in it.
struct Written {
    _dir: tempfile::TempDir,
    file: PathBuf,
    text: String,
}

fn write(report: &CheckReport, survey: Option<&Survey>) -> Written {
    let mut page = Vec::new();
    html::check(report, survey, &mut page).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("page.html");
    std::fs::write(&file, &page).unwrap();
    Written { _dir: dir, file, text: String::from_utf8(page).unwrap() }
}

/// The survey of the ledger, which is the same for every test.
fn surveyed() -> &'static Survey {
    static SURVEY: OnceLock<Survey> = OnceLock::new();
    SURVEY.get_or_init(|| {
        let repo = world::ledger();
        let dataset = Dataset::open(repo.dir()).unwrap();
        hitl::ops::survey::survey(&dataset, &At::default(), None).unwrap()
    })
}

#[test]
fn pages_hold_no_markup_of_data_and_fetch_nothing() {
    let survey = surveyed();
    let page = write(&world::failed(), Some(survey));
    for mark in ["<script", "<img", "<svg onload", "\u{202e}", "http:", "https:", "url(", "@import"] {
        assert!(!page.text.contains(mark), "{mark}");
    }
    assert!(page.text.contains("default-src 'none'"));
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the name is there to be read");
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.file, WINDOWS[0]);
    let foreign = "document.querySelectorAll('script,img,iframe,object,embed,link,base,form,[onerror],[onload]').length";
    assert_eq!(browser.evaluate(foreign), json!(0));
    let svgs = "[...document.querySelectorAll('svg')].filter(one => one.getAttribute('role') != 'img' || !one.querySelector('title')).length";
    assert_eq!(browser.evaluate(svgs), json!(0));
    assert!(browser.evaluate("document.querySelectorAll('svg').length").as_u64() >= Some(4));
    assert_eq!(browser.requests, [format!("file://{}", page.file.display())]);
}

#[test]
fn pages_fit_every_window_and_every_text_stands_out() {
    let survey = surveyed();
    let pages = [write(&world::failed(), Some(survey)), write(&world::unchanged(), None)];
    let Some(mut browser) = Browser::start() else { return };
    for page in &pages {
        for window in WINDOWS {
            browser.open(&page.file, window);
            // All that is folded away is to be read too.
            browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
            let width = browser.evaluate("document.documentElement.scrollWidth");
            assert!(width.as_u64() <= Some(window.width.into()), "{window:?}: {width}");
            assert_eq!(browser.evaluate(TOO_WIDE), json!([]), "{window:?}");
            let scheme = browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
            assert_eq!(scheme, json!(window.dark));
            let contrasts = browser.evaluate(CONTRASTS);
            assert_eq!(contrasts["faint"], json!([]), "{window:?}");
            assert!(contrasts["texts"].as_u64() > Some(10), "{window:?}: {contrasts}");
            let behind = browser.evaluate("getComputedStyle(document.body).backgroundColor");
            let light = behind == json!("rgb(255, 255, 255)");
            assert_eq!(light, window.paper || !window.dark, "{window:?}: {behind}");
        }
    }
}

#[test]
fn pages_can_be_found_through_by_ear_and_by_keys() {
    let survey = surveyed();
    let page = write(&world::failed(), Some(survey));
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.file, WINDOWS[0]);
    let levels =
        browser.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.tagName[1])");
    let levels: Vec<u64> = levels.as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    assert_eq!(levels[0], 1);
    assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "no heading skips a level: {levels:?}");
    assert_eq!(browser.evaluate("document.documentElement.lang"), json!("en"));
    let scrolling = "[...document.querySelectorAll('main *')]
        .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX == 'auto')";
    let boxes = browser.evaluate(&format!("{scrolling}.length"));
    assert!(boxes.as_u64() > Some(0), "something is wider than a telephone");
    let unreachable = format!("{scrolling}.filter(one => one.tabIndex != 0 || !one.ariaLabel).length");
    assert_eq!(browser.evaluate(&unreachable), json!(0));
    // The test can fail: a box that does not scroll makes the page wider.
    browser.evaluate("document.querySelectorAll('.wide').forEach(one => one.style.overflow = 'visible')");
    assert!(browser.evaluate("document.documentElement.scrollWidth").as_u64() > Some(360));
}
