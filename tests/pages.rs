//! The pages in a browser: they fit a telephone, every text stands out from what is behind it, nothing of the data becomes
//! markup, and nothing is fetched.
#![expect(dead_code, reason = "the repository serves other tests too")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "cli/repo.rs"]
mod repo;
#[path = "pages/world.rs"]
mod world;

use std::path::PathBuf;
use std::sync::OnceLock;

use browser::{Browser, Window};
use hitl::check::CheckReport;
use hitl::dataset::{At, Dataset};
use hitl::ops::survey::survey;
use hitl::render::html;
use hitl::survey::Survey;
use serde_json::{Value, json};

const WINDOWS: [Window; 4] = [
    Window { width: 360, dark: false },
    Window { width: 360, dark: true },
    Window { width: 1280, dark: false },
    Window { width: 1280, dark: true },
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
        survey(&dataset, &At::default(), None).unwrap()
    })
}

#[test]
fn a_survey_tells_what_people_did() {
    let survey = surveyed();
    let tasks: Vec<&str> = survey.tasks.iter().map(|task| task.task.as_str()).collect();
    assert_eq!(tasks, ["fluency", "stars", "tone"]);
    let tone = &survey.tasks[2];
    assert_eq!((tone.volume.labels, tone.volume.items, tone.volume.labelers), (484, 160, 4));
    assert_eq!(tone.weeks.len(), 8);
    assert_eq!(tone.weeks[0].monday, "2025-04-07");
    assert_eq!(tone.weeks[0].volume.labelers, 3);
    let revised: u64 = tone.revised.cells.iter().map(|cell| cell.count).sum();
    assert_eq!(revised, 4, "{:?}", tone.revised);
    let adjudicated: u64 = tone.adjudicated.cells.iter().map(|cell| cell.count).sum();
    assert_eq!(adjudicated, 5, "three who labelled one item, and two the other: {:?}", tone.adjudicated);
    let follower = tone.labelers.iter().find(|labeler| labeler.labeler == world::SCRIPT).unwrap();
    assert_eq!((follower.labels, follower.confirmed), (80, 80));
    // Labels without a time are of the week they were recorded in.
    assert_eq!(survey.tasks[1].weeks[0].monday, "2025-06-02");
}

/// What each part of the survey says is what the verbs say of it.
#[test]
fn a_survey_agrees_with_the_verbs() {
    let repo = world::ledger();
    let dataset = Dataset::open(repo.dir()).unwrap();
    let survey = survey(&dataset, &At::default(), Some(&["tone".to_owned()].into())).unwrap();
    let [tone] = &survey.tasks[..] else { panic!("one task") };
    let report = &repo.json("agreement --task tone --by week");
    let weeks = report["views"].as_array().unwrap().iter().find(|view| view["by"] == "week").unwrap();
    for group in weeks["groups"].as_array().unwrap() {
        let week = tone.weeks.iter().find(|week| group["group"] == json!(week.monday));
        let week = week.unwrap_or_else(|| panic!("{group}"));
        let alpha = &group["metrics"][0];
        assert_eq!(alpha["metric"], "krippendorff_alpha");
        let Some(measured) = week.agreement else {
            assert_eq!(alpha["value"], Value::Null, "{}", week.monday);
            continue;
        };
        assert_eq!(json!(measured.value), alpha["value"], "{}", week.monday);
        let [low, high] = measured.interval.unwrap();
        assert_eq!((json!(low), json!(high)), (alpha["ci_low"].clone(), alpha["ci_high"].clone()));
    }
    for pair in &tone.grid.pairs {
        let metric = report["metrics"].as_array().unwrap().iter().find(|metric| {
            metric["metric"] == "cohen_kappa.pair" && metric["params"]["pair"] == json!([pair.a, pair.b])
        });
        let metric = metric.unwrap_or_else(|| panic!("{pair:?}"));
        assert_eq!(
            (json!(pair.kappa), json!(pair.items)),
            (metric["value"].clone(), metric["n_items"].clone())
        );
    }
    let disputed = report["disputed"].as_array().unwrap();
    for (ours, theirs) in tone.disputed.iter().zip(disputed) {
        assert_eq!(
            (json!(ours.item), json!(ours.agreement)),
            (theirs["item"].clone(), theirs["agreement"].clone())
        );
    }
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
    assert!(browser.evaluate("document.querySelectorAll('svg').length").as_u64() >= Some(6));
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
            assert!(contrasts["texts"].as_u64() > Some(20), "{window:?}: {contrasts}");
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
#[test]
fn zz_shots() {
    use base64::Engine;
    let survey = surveyed();
    let page = write(&world::failed(), Some(survey));
    std::fs::copy(&page.file, "/tmp/wk/pages-shot.html").unwrap();
    let mut browser = Browser::start().unwrap();
    for window in WINDOWS {
        browser.open(&page.file, window);
        browser.evaluate("[...document.querySelectorAll('.task')].pop().querySelectorAll('details').forEach((one, n) => one.open = n > 2)");
        let h = browser.evaluate("document.documentElement.scrollHeight");
        let shot = browser.send("Page.captureScreenshot", json!({"format":"png","captureBeyondViewport":true,"clip":{"x":0,"y":0,"width":window.width,"height":h.as_f64().unwrap().min(9000.0),"scale":1}}));
        let b = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(format!("/tmp/wk/pages-shot-{}-{}.png", window.width, window.dark), b).unwrap();
    }
}
