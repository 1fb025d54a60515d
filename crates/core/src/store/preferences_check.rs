//! Is what was learned in order? For `verify`.

use rusqlite::Connection;

use super::errors::Outcome;

/// Each complaint is a sentence, found by a query of its own.
const CHECKS: [&str; 4] = [
    "SELECT 'fact ' || row || ': it is counted ' || count || ' times and was seen ' ||
        (SELECT count(*) FROM recall_sightings WHERE fact = f.row) || ' times'
        FROM recall_facts f
        WHERE count <> (SELECT count(*) FROM recall_sightings WHERE fact = f.row)",
    "SELECT DISTINCT 'state of fact ' || row || ': none of its values is valid' FROM recall_facts f
        WHERE is_state AND NOT EXISTS (SELECT 1 FROM recall_states s
            WHERE s.scope = f.scope AND s.key = f.key AND s.valid_to IS NULL)",
    "SELECT 'fact ' || row || ': its value is no JSON' FROM recall_facts WHERE NOT json_valid(value)",
    "SELECT 'observation ' || row || ': its data is no JSON' FROM recall_observations
        WHERE NOT json_valid(data)",
];

pub(super) fn check_preferences(conn: &Connection, found: &mut Vec<String>) -> Outcome<()> {
    for check in CHECKS {
        let mut select = conn.prepare(check)?;
        let lines = select.query_map([], |row| row.get::<_, String>(0))?;
        for line in lines {
            found.push(line?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::preferences::tests::{observation, unfading};
    use super::super::testing::Folder;

    #[test]
    fn what_does_not_fit_is_named() {
        let folder = Folder::new();
        let store = folder.open();
        let seen = observation("a", 1, &["genre:trap"], Some("-9"));
        store.learn(vec![seen], unfading).unwrap();
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        store
            .writer
            .call(|tx| {
                tx.execute("UPDATE recall_facts SET count = 7, value = '{' WHERE row = 1", [])?;
                tx.execute("DELETE FROM recall_states", [])?;
                tx.execute("UPDATE recall_observations SET data = ''", [])?;
                Ok(())
            })
            .unwrap();
        let expected = [
            "fact 1: it is counted 7 times and was seen 1 times",
            "state of fact 2: none of its values is valid",
            "fact 1: its value is no JSON",
            "observation 1: its data is no JSON",
        ];
        assert_eq!(store.verify().unwrap(), expected);
    }
}
