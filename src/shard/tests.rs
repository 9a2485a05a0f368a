//! The laws of shards: back comes what went in, the same bytes every time, and no outside byte panics or runs away.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::base::Timestamp;
use crate::record::{Column, FieldType, Kind, LabelerKind, Origin, Shard, check_item, col, schema, sort};

fn shard_of(bytes: &[u8], rows: u64) -> Shard {
    Shard { sha256: Digest::of(bytes), bytes: bytes.len() as u64, rows }
}

/// Reads with a manifest forged to fit.
fn read(bytes: &[u8], kind: Kind, rows: u64) -> Result<Decoded, Error> {
    decode(bytes, kind, &shard_of(bytes, rows), &Limits::SHARD)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["", "a", "cat", "null", "é", "e\u{301}", "日本", "🦀", "a\0b", "\u{202e}"]).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[a-c]{100,300}",
    ]
}

fn id() -> impl Strategy<Value = String> {
    text().prop_filter("an id", |id| check_item(id).is_ok())
}

fn float() -> impl Strategy<Value = f32> {
    prop_oneof![Just(0.0), Just(f32::MAX), Just(f32::INFINITY), any::<f32>()]
        .prop_filter("a float with canonical bytes", |value| {
            !value.is_nan() && value.to_bits() != 0x8000_0000
        })
}

fn word(kind: Kind, name: &str) -> BoxedStrategy<String> {
    match name {
        "item" | "labeler" => id().boxed(),
        "origin" => select(Origin::ALL).prop_map(|word| word.to_string()).boxed(),
        "verdict" => select(crate::record::Verdict::ALL).prop_map(|word| word.to_string()).boxed(),
        "error_type" => select(crate::record::ErrorType::ALL).prop_map(|word| word.to_string()).boxed(),
        "change" if kind == Kind::Guidelines => {
            select(crate::record::Change::ALL).prop_map(|word| word.to_string()).boxed()
        }
        _ => text().boxed(),
    }
}

/// `len` values, some of them null where that may be.
fn cells<S>(strategy: S, nullable: bool, len: usize) -> BoxedStrategy<Vec<Option<S::Value>>>
where
    S: Strategy + Clone + 'static,
    S::Value: Clone,
{
    if nullable { vec(option::of(strategy), len).boxed() } else { vec(strategy.prop_map(Some), len).boxed() }
}

fn column(kind: Kind, index: usize, len: usize) -> BoxedStrategy<Column> {
    let field = schema(kind)[index];
    let null = field.nullable;
    match field.kind {
        FieldType::Text | FieldType::Word => cells(word(kind, field.name), null, len)
            .prop_map(|values| Column::Text(values.into_iter().collect()))
            .boxed(),
        FieldType::Time => {
            let micros = -62_135_596_800_000_000..253_402_300_799_999_999_i64;
            cells(micros, null, len).prop_map(|values| Column::Time(values.into())).boxed()
        }
        FieldType::Int => {
            cells(0..=i64::MAX, null, len).prop_map(|values| Column::Int(values.into())).boxed()
        }
        FieldType::Float => {
            cells(0.0..=1.0_f32, null, len).prop_map(|values| Column::Float(values.into())).boxed()
        }
        FieldType::Bool => {
            cells(any::<bool>(), null, len).prop_map(|values| Column::Bool(values.into())).boxed()
        }
        FieldType::Texts => cells(vec(text(), 0..4).boxed(), null, len)
            .prop_map(|values| Column::Texts(values.into()))
            .boxed(),
        FieldType::Floats => cells(vec(float(), 0..4).boxed(), null, len)
            .prop_map(|values| Column::Floats(values.into()))
            .boxed(),
    }
}

fn kinds() -> Vec<Kind> {
    Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Joins).collect()
}

fn rows() -> impl Strategy<Value = Rows> {
    (select(kinds()), 0..30_usize).prop_flat_map(|(kind, len)| {
        let columns: Vec<_> = (0..schema(kind).len()).map(|index| column(kind, index, len)).collect();
        columns.prop_map(move |columns| sort(&Rows::from_columns(kind, columns).unwrap()))
    })
}

fn table() -> impl Strategy<Value = Option<LabelerTable>> {
    let labeler = (select(LabelerKind::ALL), any::<u64>()).prop_map(|(kind, rows)| LabelerUse { kind, rows });
    option::of(proptest::collection::btree_map(id(), labeler, 0..4))
}

/// `count` labels with a bit of everything.
fn labels(count: usize) -> Rows {
    let mut rows = Rows::empty(Kind::Labels);
    for n in 0..count {
        let row = rows.push_judgement(&format!("item-{n:06}"), ["ana", "bob", "cy"][n % 3], Origin::Fresh);
        rows.set_text(row, col::LABEL, ["cat", "dog"][n % 2]);
        if n % 5 != 0 {
            rows.set_time(
                row,
                col::CREATED_AT,
                Timestamp::from_micros(1_700_000_000_000_000 + n as i64 * 1_234_567),
            );
        }
        rows.set_float(row, col::CONFIDENCE, (n % 7 == 0).then_some(0.25));
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn decoding_undoes_encoding(rows in rows(), labelers in table()) {
        let bytes = encode(&rows, labelers.as_ref()).unwrap();
        let decoded = read(&bytes, rows.kind(), rows.len() as u64).unwrap();
        prop_assert_eq!(verify_root(&decoded.rows, rows_root(&rows)), Ok(()));
        prop_assert_eq!(decoded, Decoded { rows: rows.clone(), labelers });
        let table = read_foreign(&bytes).unwrap();
        prop_assert_eq!(table.columns.len(), rows.width(0..rows.len()));
        prop_assert!(table.columns.iter().all(|(_, cells)| cells.len() == rows.len()));
    }

    #[test]
    fn no_change_passes_the_digest(at in any::<Index>(), bit in 0..8_u8) {
        let mut bytes = encode(&labels(40), None).unwrap();
        let expected = shard_of(&bytes, 40);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let error = decode(&bytes, Kind::Labels, &expected, &Limits::SHARD).unwrap_err();
        let refused = matches!(error, Error::Digest { .. });
        prop_assert!(refused, "{error}");
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes, Kind::Labels, 1).is_err());
        prop_assert!(read_foreign(&bytes).is_err());
    }
}

/// Columns that came later cost nothing where they say nothing, and are whole where one row says something.
#[test]
fn later_columns_stand_where_a_row_says_something() {
    let mut rows = Rows::empty(Kind::Adjudications);
    let names = |rows: &Rows| -> Vec<String> {
        let table = read_foreign(&encode(rows, None).unwrap()).unwrap();
        table.columns.into_iter().map(|(name, _)| name).collect()
    };
    for item in ["i1", "i2"] {
        rows.push_judgement(item, "ana", Origin::Adjudicated);
    }
    assert_eq!(names(&rows).last().unwrap(), "label");
    rows.set_text(1, col::ERROR_TYPE, "bad_item");
    assert_eq!(names(&rows)[12..], ["error_type", "guideline_gap"]);
    let bytes = encode(&rows, None).unwrap();
    assert_eq!(read(&bytes, Kind::Adjudications, 2).unwrap().rows, rows);
    rows.set_text(1, col::ERROR_TYPE, "no such");
    let error = encode(&rows, None).unwrap_err().to_string();
    assert!(error.contains("is no error type: one of labeler_error"), "{error}");
}

/// Every byte of a shard changed, with a manifest that vouches for it: an error or other rows, never a panic.
#[test]
fn no_vouched_for_change_panics() {
    quiet_panics();
    let mut rows = Rows::empty(Kind::Corrections);
    for n in 0..12 {
        let row = rows.push_judgement(&format!("i{n:02}"), "ana", Origin::Fresh);
        rows.set_text(row, col::VERDICT, "corrected");
        rows.set_text(row, col::RATIONALE, "because");
    }
    for (shard, kind, count) in [
        (encode(&labels(40), None).unwrap(), Kind::Labels, 40),
        (encode(&rows, None).unwrap(), Kind::Corrections, 12),
    ] {
        for at in 0..shard.len() {
            for change in [1 << (at % 8), 0x80 | (at % 3) as u8] {
                let mut bytes = shard.clone();
                bytes[at] ^= change;
                let message =
                    read(&bytes, kind, count).map_or_else(|error| error.to_string(), |_| String::new());
                assert!(message.len() < 600 && !message.contains('\n'), "{message}");
                let _ = read_foreign(&bytes);
            }
        }
        for len in 0..shard.len() {
            assert!(read(&shard[..len], kind, count).is_err());
        }
    }
}

#[test]
fn the_same_rows_are_the_same_bytes_in_every_thread() {
    let rows = labels(3000);
    let bytes = encode(&rows, None).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| encode(&rows, None).unwrap())).collect();
        threads.into_iter().for_each(|thread| assert!(thread.join().unwrap() == bytes));
    });
    // Not for ever, but for this version of hitl: where it changes, the same rows make another shard.
    let few = Digest::of(&encode(&labels(3), None).unwrap());
    assert_eq!(few.to_string(), "0f535fa271bfcd6977d670c147fc5d54d4b058880926c26ad7d7ae17ad845d45");
}

#[test]
fn rows_pass_the_row_group() {
    let rows = labels(encode::GROUP + 5);
    let bytes = encode(&rows, None).unwrap();
    assert_eq!(read(&bytes, Kind::Labels, rows.len() as u64).unwrap().rows, rows);
}

#[test]
fn what_is_refused_is_named() {
    let rows = labels(5);
    let bytes = encode(&rows, None).unwrap();
    let message = |result: Result<Decoded, Error>| result.unwrap_err().to_string();
    assert_eq!(
        message(read(&bytes, Kind::Labels, 6)),
        "not a shard of this kind: it has 5 rows, its manifest says 6"
    );
    assert!(message(read(&bytes, Kind::Items, 5)).contains("items have item, text, uri"));
    assert!(
        message(read(&bytes, Kind::Adjudications, 5))
            .contains("its metadata is not that of format 1 and adjudications")
    );
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    assert_eq!(read(pointer, Kind::Labels, 5), Err(Error::LfsPointer));
    let longer = Shard { bytes: 9, ..shard_of(&bytes, 5) };
    assert!(matches!(
        decode(&bytes, Kind::Labels, &longer, &Limits::SHARD),
        Err(Error::Length { expected: 9, .. })
    ));
    assert!(matches!(verify_root(&rows, Digest::of(b"")), Err(Error::Root { .. })));
    let few = Limits { rows: 4, ..Limits::SHARD };
    assert!(matches!(decode(&bytes, Kind::Labels, &shard_of(&bytes, 5), &few), Err(Error::Limit { .. })));
}

#[test]
fn what_no_row_may_be_is_neither_written_nor_read() {
    let mut rows = labels(2);
    rows.set_float(1, col::CONFIDENCE, Some(1.5));
    assert_eq!(
        encode(&rows, None).unwrap_err().to_string(),
        "row 2, column `confidence`: 1.5 is not within 0 to 1"
    );
    rows.set_float(1, col::CONFIDENCE, Some(-0.0));
    assert!(encode(&rows, None).unwrap_err().to_string().contains("NaN or -0"));
    assert_eq!(encode(&labels(2).take(&[1, 0]), None), Err(Error::Order { row: 2 }));
    let mut rows = Rows::empty(Kind::Labels);
    rows.push_nulls();
    assert_eq!(encode(&rows, None).unwrap_err().to_string(), "row 1, column `item`: is null, and may not be");
    let mut rows = labels(1);
    rows.set_text(0, col::RATIONALE, &"x".repeat((1 << 20) + 1));
    assert!(matches!(encode(&rows, None), Err(Error::Limit { .. })));
    assert!(encode(&Rows::empty(Kind::Joins), None).is_err());
}

/// A legal file of few bytes whose one text is repeated for every row.
#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let text = "x".repeat(1 << 20);
    let mut rows = Rows::empty(Kind::Labels);
    for n in 0..40 {
        let row = rows.push_judgement(&format!("i{n:04}"), "ana", Origin::Fresh);
        rows.set_text(row, col::LABEL, &text);
    }
    let bytes = encode(&rows, None).unwrap();
    let limits = Limits { decoded_bytes: 32 << 20, ..Limits::SHARD };
    let error = decode(&bytes, Kind::Labels, &shard_of(&bytes, 40), &limits).unwrap_err();
    assert!(matches!(error, Error::Limit { most: 33_554_432, .. }), "{error}");
}

/// The two files that make the Parquet crate panic and burn time, where the machine has them.
#[test]
fn known_hostile_files_are_refused() {
    quiet_panics();
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(folder) =
        manifest.ancestors().map(|dir| dir.join("shared/tools/faults")).find(|dir| dir.is_dir())
    else {
        return;
    };
    for (name, fault) in [
        ("parquet_panic_2523B.parquet", "damaged Parquet: column `item`: offset: -33"),
        (
            "parquet_slow_2334B.parquet",
            "damaged Parquet: column `item`: page 0: a size is missing or negative",
        ),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let error = read(&bytes, Kind::Labels, 40).unwrap_err().to_string();
        assert!(
            error.starts_with("not a shard of this kind: its columns are item, label, ts"),
            "{name}: {error}"
        );
        assert_eq!(read_foreign(&bytes).unwrap_err().to_string(), fault, "{name}");
    }
}
