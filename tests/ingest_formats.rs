//! Every format and every fault `ingest` knows, in small files: what comes out, and what is said.

use std::collections::BTreeMap;

use hitl::base::Timestamp;
use hitl::ingest::{
    Error, Fault, Format, Import, Mapping, Note, Options, PersonalIds, Table, Value, read, read_table,
};
use hitl::record::{Column, Kind, LabelerKind, Origin, Task, TaskType, schema};

/// A file with what is said of it.
struct File<'a> {
    bytes: &'a [u8],
    name: &'a str,
    tasks: Vec<Task>,
    map: Vec<Mapping>,
    aliases: BTreeMap<String, String>,
    change: Box<dyn Fn(&mut Options<'_>) + 'a>,
}

fn classes(names: &str) -> Vec<String> {
    names.split_whitespace().map(str::to_owned).collect()
}

fn task(name: &str, kind: TaskType, names: &str) -> Task {
    Task::new(name, kind, classes(names))
}

fn file<'a>(bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> File<'a> {
    File {
        bytes: bytes.as_ref(),
        name: "-",
        tasks: vec![task("pet", TaskType::Categorical, "cat dog")],
        map: Vec::new(),
        aliases: BTreeMap::new(),
        change: Box::new(|_| {}),
    }
}

impl<'a> File<'a> {
    fn tasks(mut self, tasks: Vec<Task>) -> Self {
        self.tasks = tasks;
        self
    }

    fn map(mut self, given: &[&str]) -> Self {
        self.map = given.iter().map(|text| text.parse().unwrap()).collect();
        self
    }

    fn alias(mut self, alias: &str, id: &str) -> Self {
        self.aliases.insert(alias.into(), id.into());
        self
    }

    fn with(mut self, change: impl Fn(&mut Options<'_>) + 'a) -> Self {
        self.change = Box::new(change);
        self
    }

    fn read(&self) -> Result<Import, Error> {
        let mut options = Options::new(self.name, &self.tasks, &self.aliases);
        options.map = &self.map;
        (self.change)(&mut options);
        read(self.bytes, &options)
    }

    fn import(&self) -> Import {
        match self.read() {
            Ok(import) => import,
            Err(Error::Request(error)) => panic!("request: {error}"),
            Err(Error::Data(refused)) => panic!("data: {:#?}", refused.faults),
        }
    }

    /// Every row as `line: task: field=value …`, nulls left out.
    fn rows(&self) -> Vec<String> {
        rows(&self.import())
    }

    fn faults(&self) -> Vec<String> {
        match self.read() {
            Err(Error::Data(refused)) => refused.faults.iter().map(ToString::to_string).collect(),
            other => panic!("no faults: {other:?}"),
        }
    }

    fn request(&self) -> String {
        match self.read() {
            Err(Error::Request(error)) => error.to_string(),
            other => panic!("no wrong request: {other:?}"),
        }
    }
}

fn rows(import: &Import) -> Vec<String> {
    let mut out = Vec::new();
    for batch in &import.batches {
        for row in 0..batch.rows.len() {
            let mut line = format!("{}:", batch.lines[row]);
            for (field, column) in schema(batch.rows.kind()).iter().zip(batch.rows.columns()) {
                let value = match column {
                    Column::Text(values) => values.get(row).map(str::to_owned),
                    Column::Time(values) => {
                        values[row].map(|us| Timestamp::from_micros(us).unwrap().to_string())
                    }
                    Column::Int(values) => values[row].map(|value| value.to_string()),
                    Column::Float(values) => values[row].map(|value| value.to_string()),
                    Column::Bool(values) => values[row].map(|value| value.to_string()),
                    Column::Texts(values) => values[row].as_ref().map(|value| format!("{value:?}")),
                    Column::Floats(values) => values[row].as_ref().map(|value| format!("{value:?}")),
                };
                // What most rows share says nothing.
                let dull = field.name == "origin" && value.as_deref() == Some("unknown");
                if let Some(value) = value.filter(|_| !dull) {
                    line.push_str(&format!(" {}={value}", field.name));
                }
            }
            out.push(match &batch.task {
                Some(task) if import.batches.len() > 1 => format!("{task} {line}"),
                _ => line,
            });
        }
    }
    out
}

const TWO_ROWS: [&str; 2] = ["2: item=1 labeler=ana label=cat", "3: item=2 labeler=raj label=dog"];

#[test]
fn long_form_is_read_in_every_dress() {
    for (text, detected) in [
        ("item,labeler,label\n1,ana,cat\n2,raj,dog\n", "CSV, long form"),
        ("\u{feff}item_id,worker,answer\r\n1,ana,cat\r\n2,raj,dog\r\n", "CSV, long form"),
        ("Question;Annotator ID;Value\n1;ana;cat\n2;raj;dog", "CSV with ;, long form"),
        ("label\trater\titem\ncat\tana\t1\ndog\traj\t2\n", "TSV, long form"),
        ("user|taskId|choice|note\nana|1|cat|x\nraj|2|dog|\n", "CSV with |, long form"),
        (
            "[\n{\"item\": 1, \"labeler\": \"ana\", \"label\": \"cat\"},\n{\"labeler\":\"raj\",\"label\":\"dog\",\"item\":\"2\"}]",
            "JSON, long form",
        ),
        (
            "{\"rows\":[\n{\"item\":1,\"labeler\":\"ana\",\"label\":\"cat\"},\n{\"item\":2,\"labeler\":\"raj\",\"label\":\"dog\"}],\"n\":2}",
            "JSON, long form",
        ),
        (
            "\n{\"item\":1,\"labeler\":\"ana\",\"label\":\"cat\"}\n{\"item\":2,\"labeler\":\"raj\",\"label\":\"dog\"}\n\n",
            "JSON lines, long form",
        ),
    ] {
        let file = file(text);
        assert_eq!(file.import().detected, detected, "{text}");
        assert_eq!(file.rows(), TWO_ROWS, "{text}");
    }
}

#[test]
fn pretty_printed_objects_follow_each_other() {
    let text = "{\n \"item\": 1,\n \"labeler\": \"ana\", \"label\": \"cat\"\n}\n{ \"item\": 2,\n \"labeler\":\"raj\",\"label\":\"dog\"}";
    assert_eq!(file(text).rows(), ["1: item=1 labeler=ana label=cat", "5: item=2 labeler=raj label=dog"]);
    let one = r#"{"item":1,"labeler":"ana","label":"cat","spans":[{"start":1}]}"#;
    assert_eq!(file(one).rows(), ["1: item=1 labeler=ana label=cat"]);
}

#[test]
fn a_table_is_read_like_a_file() {
    let column = |name: &str, values: Vec<Value>| (name.to_owned(), values);
    let time = "2026-01-02".parse().unwrap();
    let table = Table::new(vec![
        column("item", vec![Value::Int(1), Value::Text("2".into())]),
        column("worker", vec![Value::Text("ana".into()), Value::Text("raj".into())]),
        column("label", vec![Value::Text("cat".into()), Value::Null]),
        column("timestamp", vec![Value::Time(time), Value::Null]),
        column("confidence", vec![Value::Float(0.5), Value::Float(2.0)]),
    ])
    .unwrap();
    let (tasks, aliases) = (vec![task("pet", TaskType::Categorical, "cat dog")], BTreeMap::new());
    let mut options = Options::new("x.parquet", &tasks, &aliases);
    let Err(Error::Data(refused)) = read_table(&table, &options) else { panic!("a fault") };
    assert_eq!(refused.faults[0].to_string(), "2:5: the confidence 2 is outside 0 to 1");
    options.skip_bad = true;
    let import = read_table(&table, &options).unwrap();
    assert_eq!(
        rows(&import),
        ["1: item=1 labeler=ana created_at=2026-01-02T00:00:00Z confidence=0.5 label=cat"]
    );
    let refused = import.refused.unwrap();
    let line = r#"{"item":"2","worker":"raj","label":null,"timestamp":null,"confidence":2.0}"#;
    assert_eq!(String::from_utf8(refused.file).unwrap().trim_end(), line);
    let fault = Fault { line: 1, column: 1, message: "not wanted".into(), hint: None };
    let refuse = import.batches[0].records.iter().map(|record| (*record, fault.clone())).collect();
    options.refuse = Some(&refuse);
    let import = read_table(&table, &options).unwrap();
    assert!(import.batches[0].rows.is_empty(), "the good row was not wanted either");
    let refused = import.refused.unwrap();
    assert_eq!((refused.records, refused.total), (2, 2));
    assert!(Table::new(vec![column("a", vec![Value::Null]), column("b", vec![])]).is_none());
    assert!(Table::new(vec![column("a", vec![]), column("a", vec![])]).is_none());
}

#[test]
fn every_attribute_finds_its_column() {
    let text = "item,labeler,label,updated_at,guideline,origin,shown,shown_by,annotation_id,confidence,lead_time,comment,extra\n\
                1,ana,cat,2026-01-02 03:04:05,tone@2,changed,dog,m-1,a7,0.5,1.5,\"fur, tail\",x\n";
    let import = file(text).import();
    assert_eq!(
        rows(&import),
        ["2: item=1 labeler=ana created_at=2026-01-02T03:04:05Z guideline=tone@2 \
         origin=changed shown=dog shown_by=m-1 source_id=a7 confidence=0.5 duration_ms=1500 rationale=fur, tail label=cat"]
    );
    let kept = import.columns.iter().filter(|used| used.meaning.is_none()).map(|used| used.column.as_str());
    assert_eq!(kept.collect::<Vec<_>>(), ["extra"]);
    assert_eq!(import.columns[10].meaning.as_deref(), Some("duration_ms, from seconds"));
}

#[test]
fn people_are_given_where_the_file_has_none() {
    let gold = |options: &mut Options<'_>| {
        options.labeler = Some("gold");
        options.labeler_kind = Some(LabelerKind::Gold);
    };
    let import = file("item_id,gold\n1,cat\n").with(gold).import();
    assert_eq!(rows(&import), ["2: item=1 labeler=gold label=cat"]);
    assert_eq!(import.labelers, BTreeMap::from([("gold".to_owned(), LabelerKind::Gold)]));
    let message = file("item_id,gold\n1,cat\n").request();
    assert!(message.starts_with("no column says who judged (looked for `labeler`, `worker`"), "{message}");
    assert!(message.ends_with("--labeler gold --labeler-kind gold"), "{message}");
    let message = file("item,who,labeler,label\n1,x,ana,cat\n").with(gold).request();
    assert!(message.contains("column `labeler` says who judged"), "{message}");
    // Gold beside a label is not kept.
    assert_eq!(
        file("item_id,labeler,label,gold\n1,ana,cat,dog\n").rows(),
        ["2: item=1 labeler=ana label=cat"]
    );
}

#[test]
fn kinds_of_labelers_may_be_a_column() {
    let text = "item,labeler,labeler_kind,label\n1,ana,human,cat\n1,m-1,model,dog\n2,m-1,model,dog\n";
    assert_eq!(file(text).import().labelers["m-1"], LabelerKind::Model);
    let text = "item,labeler,labeler_kind,label\n1,m,human,cat\n2,m,model,cat\n3,m,robot,cat\n";
    let faults = file(text).faults();
    assert_eq!(faults[0], "3:5: the labeler `m` is human in one row and model here");
    assert!(faults[1].starts_with("4:5: `robot` is no labeler kind: one of human"), "{faults:?}");
}

#[test]
fn requests_that_cannot_be_carried_out_say_what_can() {
    let two = || {
        vec![task("pet", TaskType::Categorical, "cat dog"), task("tone", TaskType::Categorical, "warm cold")]
    };
    for (file, expected) in [
        (
            file("item,item_id,labeler,label\n"),
            "columns `item`, `item_id` could each be the item; say which with --map item=item",
        ),
        (
            file("item,labeler,worker,label\n"),
            "columns `labeler`, `worker` could each be the labeler; say which with --map labeler=labeler",
        ),
        (
            file("item,labeler,label,answer\n"),
            "columns `label`, `answer` could each be the label; say which with --map label=label",
        ),
        (
            file("item,labeler,label,pet\n"),
            "columns `pet`, `label` could each be the label; say which with --map pet=label",
        ),
        (
            file("item,labeler,label,created_at,updated_at\n"),
            "columns `created_at`, `updated_at` could each be the time of the judgement; say which with --map created_at=created_at",
        ),
        (
            file("text,labeler,label\n1,a,cat"),
            "no column says which item is judged (looked for `item`, `item_id`, `question`, `question_id`, `task`, 9 more); the columns are `text`, `labeler`, `label`; name it with --map COLUMN=item",
        ),
        (
            file("item,labeler\n"),
            "no column says the label (looked for `label`, `answer`, `value`, `annotation`, `rating`, 11 more); the columns are `item`, `labeler`; name it with --map COLUMN=label",
        ),
        (
            file("item,labeler,label\n").map(&["labl=label"]),
            "there is no column `labl`; did you mean `label`?",
        ),
        (
            file("item,labeler,label\n").map(&["label=labl"]),
            "`labl` is no field of labels; did you mean `label`?",
        ),
        (
            file("item,labeler,label\n").map(&["label=task:pets"]),
            "there is no task `pets`; did you mean `pet`?",
        ),
        (file("item,labeler,a,b\n").map(&["a=label", "b=label"]), "--map gives `label` a column twice"),
        (file("item,labeler,a\n").map(&["a=label", "a=-"]), "--map gives column `a` a meaning twice"),
        (file("item,labeler,a,b\n").map(&["a=item", "b=item"]), "--map gives `item` a column twice"),
        (
            file("item,labeler,label\n").tasks(vec![]),
            "no task is declared in hitl.yaml, so nothing says which labels are valid",
        ),
        (
            file("item,labeler,label\n").tasks(two()),
            "which task? hitl.yaml declares `pet`, `tone`: choose one with --task, or map columns with --map task:pet=COLUMN",
        ),
        (
            file("item,labeler,label\n").tasks(two()).with(|o| o.task = Some("ton")),
            "there is no task `ton`; did you mean `tone`?",
        ),
        (
            file("item,label\n").with(|o| o.kind = Kind::Reverts),
            "reverts are not read from files; read are labels, corrections, adjudications, predictions and items",
        ),
        (file("PAR1"), "this is Parquet, which is read as a table"),
        (
            file("<annotations><image/></annotations>"),
            "this is a CVAT XML export, which does not say who labelled which shape when; export one file per job and convert it to CSV or JSONL with item, labeler and label in each row",
        ),
        (
            file(r#"{"images":[{}],"annotations":[{}],"categories":[]}"#),
            "this is COCO, which does not say who labelled what; write one row per item and labeler, the label of a box task as a JSON list of boxes",
        ),
    ] {
        assert_eq!(file.request(), expected);
    }
}

#[test]
fn one_file_goes_into_several_tasks() {
    let two =
        || vec![task("clarity", TaskType::Rating, ""), task("tone", TaskType::Categorical, "warm cold")];
    let text = "item,labeler,c,t,label\n1,ana,4.0,warm,x\n2,ana,,cold,x\n";
    let expected = [
        "clarity 2: item=1 labeler=ana label=4",
        "clarity 3: item=2 labeler=ana",
        "tone 2: item=1 labeler=ana label=warm",
        "tone 3: item=2 labeler=ana label=cold",
    ];
    assert_eq!(file(text).tasks(two()).map(&["task:clarity=c", "t=task:tone"]).rows(), expected);
    // Columns named like the tasks need no map; a key a JSON object lacks is no judgement.
    let text = "{\"item\":1,\"labeler\":\"ana\",\"clarity\":4,\"tone\":null}\n{\"item\":2,\"labeler\":\"ana\",\"tone\":\"warm\"}\n";
    let expected = [
        "clarity 1: item=1 labeler=ana label=4",
        "tone 1: item=1 labeler=ana",
        "tone 2: item=2 labeler=ana label=warm",
    ];
    assert_eq!(file(text).tasks(two()).rows(), expected);
    // One bad label refuses the record in both tasks.
    let text = "item,labeler,clarity,tone\n1,ana,4,hot\n2,ana,5,cold\n";
    let import = file(text).tasks(two()).with(|o| o.skip_bad = true).import();
    assert_eq!(
        rows(&import),
        ["clarity 3: item=2 labeler=ana label=5", "tone 3: item=2 labeler=ana label=cold"]
    );
}

#[test]
fn wide_form_has_a_column_a_labeler() {
    let wide = |options: &mut Options<'_>| options.wide = true;
    let text = ",item,ana,raj,notes\n0,1,cat,,x\n1,2,dog,cat,y\n";
    let import = file(text).map(&["notes=-"]).with(wide).import();
    let expected = [
        "2: item=1 labeler=ana label=cat",
        "3: item=2 labeler=ana label=dog",
        "3: item=2 labeler=raj label=cat",
    ];
    assert_eq!(rows(&import), expected);
    assert_eq!(import.detected, "CSV, wide form");
    let faults = file("item,ana\n1,cat\n1,dog\n").with(wide).faults();
    assert_eq!(
        faults[0],
        "3:3: `ana` says `dog` about item `1`, but `cat` in line 2, and no time tells which is later"
    );
    let faults = file("item,a@b.org\n1,cat\n2,dog\n").with(wide).faults();
    assert_eq!(faults, ["1:6: the labeler id `a@b.org` looks like an e-mail address (2 rows)"]);
}

#[test]
fn every_fault_of_a_file_is_reported_at_its_place() {
    let text = "item,labeler,label,created_at,confidence\n\
                1,ana,Cat,2026-01-01,\n\
                ,ana,cat,soon,\n\
                2,,bird,,7\n\
                3,ana\n\
                4,\u{202e}eve,cat,,\n\
                5,ana,cat,\n\
                6,ana,cat,,\n";
    assert_eq!(
        file(text).faults(),
        [
            "2:7: `Cat` is not a class of task `pet`; did you mean `cat`? (the file has `Cat` in 1 row and `cat` in 3)",
            "3:1: the item id is empty",
            "3:10: `soon` is not a time: write 2026-05-04, 2026-05-04T10:20:30Z or 2026-05-04 10:20:30+02:00",
            "4:3: the labeler id is empty",
            "4:4: `bird` is not a class of task `pet`: cat, dog",
            "4:10: the confidence 7 is outside 0 to 1",
            "5:3: 2 fields where the header has 5",
            "6:3: the labeler id holds the hidden character U+202E",
            "7:11: 4 fields where the header has 5",
        ]
    );
}

#[test]
fn faults_in_json_are_placed_too() {
    let text = "[\n  {\"item\": 1, \"labeler\": \"ana\",\n   \"label\": \"bird\"},\n  {\"item\": 2, \"labeler\": \"ana\", \"label\": \"cat\", \"label\": \"dog\"},\n  7,\n  {\"item\": [1], \"labeler\": \"ana\", \"label\": 1e999}]";
    assert_eq!(
        file(text).faults(),
        [
            "3:13: `bird` is not a class of task `pet`: cat, dog",
            "4:49: the key `label` is given twice",
            "5:3: an object is wanted here",
            "6:44: number out of range",
        ]
    );
    let lines = "{\"item\":1,\"labeler\":\"ana\",\"label\":\"cat\"}\n{\"item\":1,\n{\"item\":2,\"labeler\":\"ana\",\"label\":NaN}\n{\"item\":3,\"labeler\":\"ana\",\"label\":\"cat\"} x\n{\"item\":{},\"labeler\":\"a\\u0000\",\"label\":\"cat\"}\n";
    assert_eq!(
        file(lines).faults(),
        [
            "2:1: a list or object that is not closed",
            "3:35: `NaN` is no JSON; write null",
            "4:41: something stands after the end of the object",
            "5:9: a structure where the item id is wanted",
            "5:22: the labeler id holds the hidden character U+0000",
        ]
    );
    for (text, expected) in [
        ("[{\"item\":1} {}]", "1:13: a comma or `]` is missing here"),
        ("[{\"item\":1}", "1:12: a comma or `]` is missing here"),
        ("[]", "1:1: there are no rows"),
        ("[7]", "1:2: an object is wanted here"),
        ("[] []", "1:4: something stands after the end of the list"),
        ("{\"item\":1,}", "1:11: a key in quotes is missing here"),
    ] {
        assert_eq!(file(text).faults(), [expected], "{text}");
    }
    let deep = format!("{{\"item\":1,\"labeler\":\"a\",\"label\":{}}}", "[".repeat(5000) + &"]".repeat(5000));
    assert!(file(&deep).faults()[0].ends_with("recursion limit exceeded"));
}

#[test]
fn files_that_are_no_table_are_named() {
    for (bytes, expected) in [
        (&b""[..], "1:1: the file is empty"),
        (b"item,labeler,label\n", "1:1: there are no rows"),
        (b"item,labeler,label\n1,ana,\"cat\n2,raj,dog\n", "2:7: a quote that is not closed"),
        (b"item,labeler,item\n", "1:14: the header names `item` twice: columns 1 and 3"),
        (
            b"item,labeler,label\n1,Jos\xe9,cat\n",
            "2:6: the byte 0xE9 is no UTF-8; it may be Latin-1 or Windows-1252",
        ),
        (b"\xff\xfei\0t\0", "1:1: this is UTF-16"),
    ] {
        assert_eq!(file(bytes).faults(), [expected]);
    }
}

#[test]
fn numbers_obey_their_range() {
    let rating = || vec![Task { min: Some(1.0), max: Some(5.0), ..task("pet", TaskType::Rating, "") }];
    let text = "item,labeler,label\n1,ana,4.0\n2,ana,6\n3,ana,many\n4,ana,\n";
    assert_eq!(
        file(text).tasks(rating()).faults(),
        [
            "3:7: 6 is outside 1 to 5, the range of task `pet`",
            "4:7: `many` is not a number, as task `pet` (rating) wants"
        ]
    );
    let import = file(text).tasks(rating()).with(|o| o.skip_bad = true).import();
    assert_eq!(rows(&import), ["2: item=1 labeler=ana label=4", "5: item=4 labeler=ana"]);
    assert_eq!(import.notes, [Note::Abstentions(1)]);
    let refused = import.refused.unwrap();
    assert_eq!((refused.total, refused.records, refused.extension), (2, 2, "csv"));
    assert_eq!(String::from_utf8(refused.file).unwrap(), "item,labeler,label\n2,ana,6\n3,ana,many\n");
}

#[test]
fn repeats_are_dropped_and_contradictions_refused() {
    let text = "item,labeler,label,created_at\n1,ana,cat,2026-01-01\n1,ana,cat,2026-01-01\n1,ana,dog,2026-01-02\n1,raj,dog,2026-01-01\n";
    let import = file(text).import();
    assert_eq!((import.batches[0].rows.len(), import.repeated, import.records), (3, 1, 4));
    assert_eq!(import.notes, [Note::Repeated(1)]);
    let text = "item,labeler,label,created_at\n1,ana,cat,2026-01-01\n1,ana,dog,2026-01-01T00:00:00Z\n1,ana,,2026-01-01\n2,ana,cat,\n";
    assert_eq!(
        file(text).faults(),
        [
            "3:7: `ana` says `dog` about item `1`, but `cat` in line 2, both at 2026-01-01T00:00:00Z",
            "4:7: `ana` says nothing about item `1`, but `cat` in line 2, both at 2026-01-01T00:00:00Z"
        ]
    );
    let import = file(text).with(|o| o.skip_bad = true).import();
    assert_eq!(rows(&import), ["5: item=2 labeler=ana label=cat"]);
    assert_eq!(import.refused.unwrap().records, 3);
    // Two spellings of one labeler are one labeler.
    let text = "item,labeler,label\n1,ana,cat\n1,Ana R.,dog\n";
    assert_eq!(file(text).alias("Ana R.", "ana").faults().len(), 1);
    // e with an accent, composed and not, is one item.
    assert_eq!(file("item,labeler,label\n\u{e9},ana,cat\ne\u{301},ana,cat\n").import().repeated, 1);
}

#[test]
fn people_who_look_alike_or_write_from_home_are_flagged() {
    let text = "item,labeler,label\n1,alice,cat\n1,\u{410}lice,cat\n1,bob,cat\n1,bob ,cat\n";
    let notes: Vec<String> = file(text).import().notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "labelers \"alice\", \"\u{410}lice\" (\\u{410}lice) read alike; if they are one person, give aliases in labelers.yaml",
            "labelers \"bob\", \"bob \" read alike; if they are one person, give aliases in labelers.yaml",
            "1 labeler with white space around the id: \"bob \"",
        ]
    );
    let text = "item,labeler,label\n1,ana@lab.org,cat\n2,ana@lab.org,dog\n1,raj@lab.org,cat\n2,eve,cat\n";
    let Err(Error::Data(refused)) = file(text).read() else { panic!("faults") };
    let said: Vec<String> = refused.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "2:3: the labeler id `ana@lab.org` looks like an e-mail address (2 rows)",
            "4:3: the labeler id `raj@lab.org` looks like an e-mail address"
        ]
    );
    let hint = refused.faults[0].hint.as_deref().unwrap();
    assert!(["labelers.yaml", "--pseudonymize", "--allow-personal-ids"].iter().all(|way| hint.contains(way)));
    let import = file(text).with(|o| o.skip_bad = true).import();
    assert_eq!(rows(&import), ["5: item=2 labeler=eve label=cat"]);
    let import = file(text).with(|o| o.personal_ids = PersonalIds::Allow).import();
    assert_eq!(import.labelers.len(), 3);
    let (known, tasks, aliases) =
        (BTreeMap::from([("raj@lab.org".to_owned(), "l-1".to_owned())]), file(text).tasks, BTreeMap::new());
    let new = |_: &str| "l-2".to_owned();
    let mut options = Options::new("-", &tasks, &aliases);
    options.personal_ids = PersonalIds::Pseudonymize { known: &known, new: &new };
    let import = read(text.as_bytes(), &options).unwrap();
    assert_eq!(import.labelers.keys().collect::<Vec<_>>(), ["eve", "l-1", "l-2"]);
    assert_eq!(import.pseudonyms["ana@lab.org"], "l-2");
}

#[test]
fn rounded_and_spaced_item_ids_are_flagged() {
    let text = "item,labeler,label\n1.23E+05,ana,cat\n 7,ana,cat\n";
    let notes = file(text).import().notes;
    assert_eq!(notes, [Note::ItemSpace(1, " 7".into()), Note::RoundedIds(1, "1.23E+05".into())]);
}

#[test]
fn origins_fall_back_as_the_request_says() {
    let text = "item,labeler,label,origin\n1,ana,cat,fresh\n2,ana,cat,\n3,ana,cat,new\n";
    assert_eq!(file(text).faults().len(), 1);
    let import = file(text).map(&["origin=-"]).with(|o| o.origin = Some(Origin::Confirmed)).import();
    assert!(rows(&import).iter().all(|row| row.contains("origin=confirmed")));
    let import = file("item,labeler,label\n1,ana,cat\n").with(|o| o.kind = Kind::Adjudications).import();
    assert_eq!(rows(&import), ["2: item=1 labeler=ana origin=adjudicated label=cat"]);
}

#[test]
fn items_keep_what_they_are_not_asked_for() {
    let items = |options: &mut Options<'_>| options.kind = Kind::Items;
    let text = "{\"item_id\":\"7\",\"text\":\"Hi\",\"hypothesis\":\"h\",\"n\":1.0,\"tags\":[\"a\"],\"gone\":null}\n{\"item_id\":8,\"image\":\"a.png\"}\n";
    assert_eq!(
        file(text).with(items).rows(),
        [r#"1: item=7 text=Hi metadata={"hypothesis":"h","n":1,"tags":["a"]}"#, "2: item=8 uri=a.png"]
    );
    let text = "id,url,sha256,metadata,k\n1,u,x,{},v\n";
    assert!(file(text).with(items).faults()[0].contains("is not a SHA-256 digest"));
    let text = "id,text,metadata,k\n1,a,\"{\"\"x\"\":1}\",v\n1,a,\"{\"\"x\"\":1}\",v\n1,b,,\n";
    let import = file(text)
        .with(|o| {
            o.kind = Kind::Items;
            o.skip_bad = true
        })
        .import();
    assert_eq!(
        import.refused.unwrap().faults[0].to_string(),
        "4:1: item `1` is described otherwise in line 2"
    );
    assert_eq!(file("id,text\n1,a\n1,a\n").with(items).import().repeated, 1);
}

#[test]
fn corrections_and_predictions_follow_their_schema() {
    let text = "item,labeler,original,corrected,reason,categories\n1,ana,a,b,typo,\"[\"\"x\"\",\"\"y\"\"]\"\n2,ana,a,a,,\n3,ana,a,,,\n";
    let tasks = || vec![task("fix", TaskType::Text, "")];
    assert_eq!(
        file(text).tasks(tasks()).with(|o| o.kind = Kind::Corrections).rows(),
        [
            r#"2: item=1 labeler=ana original=a corrected=b verdict=corrected reason=typo categories=["x", "y"]"#,
            "3: item=2 labeler=ana original=a corrected=a verdict=approved",
            "4: item=3 labeler=ana original=a verdict=rejected",
        ]
    );
    let text = r#"[{"item":1,"labeler":"m-1","label":"cat","confidence":0.75,"scores":{"dog":0.25,"cat":0.75},"embedding":[1,0.5]}]"#;
    assert_eq!(
        file(text).with(|o| o.kind = Kind::Predictions).rows(),
        [
            r#"1: item=1 labeler=m-1 confidence=0.75 label=cat scores={"cat":0.75,"dog":0.25} embedding=[1.0, 0.5]"#
        ]
    );
}

#[test]
fn another_tools_export_is_read_once_it_is_mapped() {
    let text = "{\"text\":\"a\",\"_input_hash\":-5,\"_task_hash\":-7,\"answer\":\"accept\",\"_annotator_id\":\"ana\",\"_timestamp\":1694858483}\n";
    let message = file(text).request();
    let flags = message.split(" give ").nth(1).unwrap().replace("--map ", "");
    let map: Vec<&str> = flags.split(' ').collect();
    let answers = || vec![task("t", TaskType::Categorical, "accept reject ignore")];
    let expected = ["1: item=-5 labeler=ana created_at=2023-09-16T10:01:23Z label=accept"];
    assert_eq!(file(text).tasks(answers()).map(&map).rows().len(), expected.len());
    let doccano =
        "{\"id\":1,\"text\":\"a\",\"label\":[\"cat\"]}\n{\"id\":2,\"text\":\"b\",\"label\":[\"dog\"]}\n";
    assert!(file(doccano).request().contains("give --labeler NAME"));
    let rows = file(doccano).with(|o| o.labeler = Some("ana")).rows();
    assert_eq!(rows, ["1: item=1 labeler=ana label=cat", "2: item=2 labeler=ana label=dog"]);
}

#[test]
fn formats_are_words() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(*format));
    }
    assert!("xlsx".parse::<Format>().is_err());
    let text = "item\tlabeler\tlabel,x\n1\tana\tcat\n";
    let read = file(text).map(&["label,x=label"]).with(|o| o.format = Some(Format::Tsv)).rows();
    assert_eq!(read, ["2: item=1 labeler=ana label=cat"]);
}

#[test]
fn hostile_files_cost_little() {
    // One line, ten thousands of faults; keys without end; a header without end.
    let rows: String =
        (0..20_000).map(|row| format!("{{\"item\":{row},\"labeler\":\"a\",\"label\":\"x\"}},")).collect();
    let text = format!("[{}]", rows.trim_end_matches(','));
    let Err(Error::Data(refused)) = file(&text).read() else { panic!("faults") };
    assert_eq!((refused.total, refused.faults.len()), (20_000, 10_000));
    assert_eq!(refused.faults[1].line, 1);
    let keys: String = (0..20_000).map(|key| format!("{{\"k{key}\":1}}\n")).collect();
    assert_eq!(file(&keys).faults(), ["10001:2: more than 10,000 different keys"]);
    let header: String = (0..20_000).map(|key| format!("k{key},")).collect();
    assert_eq!(file(&header).faults(), ["1:1: the header names more than 10,000 columns"]);
    let deep = "[".repeat(1_000_000);
    assert_eq!(file(&deep).faults().len(), 1);
}
