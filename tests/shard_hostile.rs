//! Thousands of damaged Parquet files, each with a manifest that vouches for it: an error or rows, never a panic.

use hitl::base::Digest;
use hitl::record::{Column, Kind, Origin, Rows, Shard, col};
use hitl::shard::{
    Limits, Table, TableColumn, TableFormat, TableValues, decode, encode, quiet_panics, read_foreign,
    write_table,
};

/// How many mutants of each seed.
const MUTANTS: u64 = 2500;

/// xorshift64*: the same mutants on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    /// Truncates, flips, overwrites (the footer most of all), inserts or removes.
    fn damage(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        let len = bytes.len();
        let footer = 8 + u32::from_le_bytes(bytes[len - 8..len - 4].try_into().unwrap()) as usize;
        match self.below(7) {
            0 => bytes.truncate(self.below(len)),
            1 => (0..=self.below(4)).for_each(|_| bytes[self.below(len)] ^= 1 << self.below(8)),
            2 | 3 => {
                (0..=self.below(6)).for_each(|_| bytes[len - 1 - self.below(footer)] = self.below(256) as u8)
            }
            4 => {
                let (at, count) = (self.below(len), 1 + self.below(16));
                let fill = [0, 0xff, 0x7f, 0x80][self.below(4)];
                bytes[at..].iter_mut().take(count).for_each(|byte| *byte = fill);
            }
            5 => (0..=self.below(4))
                .for_each(|_| bytes[4 + self.below(len - footer - 4)] = self.below(256) as u8),
            _ if self.below(2) == 0 => bytes.insert(self.below(len), self.below(256) as u8),
            _ => drop(bytes.remove(self.below(len))),
        }
        bytes
    }
}

fn labels() -> Rows {
    let mut rows = Rows::empty(Kind::Predictions);
    for n in 0..200 {
        let row = rows.push_judgement(&format!("item-{n:05}"), ["m-1", "m-2"][n % 2], Origin::Fresh);
        if n % 7 != 0 {
            rows.set_text(row, col::LABEL, ["cat", "dog", "bird"][n % 3]);
        }
        rows.set_float(row, col::CONFIDENCE, Some(n as f32 / 200.0));
        rows.set_int(row, col::DURATION_MS, (n % 2 == 0).then_some(n as i64 * 977));
    }
    let mut columns = rows.columns().to_vec();
    columns[13] =
        Column::Floats((0..200).map(|n| (n % 4 != 0).then(|| vec![n as f32 / 8.0; n % 5])).collect());
    Rows::from_columns(Kind::Predictions, columns).unwrap()
}

#[test]
fn damaged_shards_never_panic() {
    quiet_panics();
    let seed = encode(&labels(), None).unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..MUTANTS {
        let bytes = random.damage(&seed);
        let expected = Shard { sha256: Digest::of(&bytes), bytes: bytes.len() as u64, rows: 200 };
        match decode(&bytes, Kind::Predictions, &expected, &Limits::SHARD) {
            Ok(decoded) => assert_eq!(decoded.rows.len(), 200),
            Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
        }
    }
}

#[test]
fn damaged_foreign_files_never_panic() {
    quiet_panics();
    let rows = labels();
    let columns = rows.columns().iter().zip(hitl::record::schema(Kind::Predictions));
    let columns = columns
        .map(|(values, field)| TableColumn {
            name: field.name.into(),
            values: TableValues::from(values.clone()),
        })
        .chain([TableColumn {
            name: "lists".into(),
            values: TableValues::Texts(
                (0..200).map(|n| Some(vec![Some("a".to_owned()), None, Some(n.to_string())])).collect(),
            ),
        }])
        .collect();
    let seed = write_table(&Table { columns, metadata: Vec::new() }, TableFormat::Parquet).unwrap();
    assert_eq!(read_foreign(&seed).unwrap().columns.len(), 15);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..MUTANTS {
        let bytes = random.damage(&seed);
        if let Ok(table) = read_foreign(&bytes) {
            assert!(table.columns.iter().all(|(_, cells)| cells.len() == table.columns[0].1.len()));
        }
    }
}
