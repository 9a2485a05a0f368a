//! Weights for every two classes, as a file gives them: a JSON list of lists, or a CSV of numbers, with or without the
//! names of the classes before its rows and columns.

/// Reads a matrix. Where the file names the classes, rows and columns are put in the order of `classes`.
///
/// # Errors
/// What the file should be, and where it is not.
pub fn read_matrix(text: &str, classes: &[String]) -> Result<Vec<Vec<f64>>, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let first = rows.first().ok_or("it is empty")?;
    let named = first.get(0).is_none_or(|cell| cell.parse::<f64>().is_err());
    let number = |row: usize, column: usize| -> Result<f64, String> {
        let cell = rows[row].get(column).unwrap_or_default();
        cell.parse().map_err(|_| format!("row {}, column {}: `{cell}` is not a number", row + 1, column + 1))
    };
    if !named {
        return (0..rows.len())
            .map(|row| (0..rows[row].len()).map(|column| number(row, column)).collect())
            .collect();
    }
    let place = |names: Vec<&str>, class: &String| -> Result<usize, String> {
        let found = names.iter().position(|name| name == class);
        found.map(|at| at + 1).ok_or_else(|| format!("it says nothing of `{class}`"))
    };
    let (columns, labels): (Vec<&str>, Vec<&str>) = (
        first.iter().skip(1).collect(),
        rows.iter().skip(1).map(|row| row.get(0).unwrap_or_default()).collect(),
    );
    let of = |class: &String| -> Result<Vec<f64>, String> {
        let row = place(labels.clone(), class)?;
        classes.iter().map(|other| number(row, place(columns.clone(), other)?)).collect()
    };
    classes.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_put_rows_in_order() {
        let classes = ["low", "mid", "high"].map(String::from);
        let expected = vec![vec![0.0, 1.0, 4.0], vec![1.0, 0.0, 1.0], vec![4.0, 1.0, 0.0]];
        let named = ",high,low,mid\nhigh,0,4,1\nlow,4,0,1\nmid,1,1,0\n";
        assert_eq!(read_matrix(named, &classes).unwrap(), expected);
        assert_eq!(read_matrix("0, 1, 4\n1,0,1\n4,1,0\n", &classes).unwrap(), expected);
        assert_eq!(read_matrix(" [[0,1,4],[1,0,1],[4,1,0]]", &classes).unwrap(), expected);
        assert_eq!(
            read_matrix(",low,mid\nlow,0,1\nmid,1,0\n", &classes).unwrap_err(),
            "it says nothing of `high`"
        );
        assert_eq!(read_matrix("0,x\n1,0\n", &classes).unwrap_err(), "row 1, column 2: `x` is not a number");
    }
}
