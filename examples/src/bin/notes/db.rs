//! The database: people, notes, and what happened.

use authsafe::User;
use serde::Serialize;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS people (
        id INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE, name TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES people, text TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS audit (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, what TEXT NOT NULL)",
];

#[derive(Debug, Serialize)]
pub struct Note {
    pub id: i64,
    pub author: String,
    pub text: String,
}

#[derive(Clone)]
pub struct Db(SqlitePool);

impl Db {
    /// `sqlite://notes.db?mode=rwc`, say.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        // One in memory is its connection's own, and ends with it.
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.idle_timeout(None).max_lifetime(None);
        let pool = pool.connect(url).await?;
        for table in SCHEMA {
            sqlx::query(table).execute(&pool).await?;
        }
        Ok(Self(pool))
    }

    /// The id of a person here. Whoever comes for the first time gets a row.
    pub async fn person(&self, user: User<'_>) -> Result<i64, sqlx::Error> {
        let upsert = "INSERT INTO people (subject, name) VALUES (?, ?)
            ON CONFLICT (subject) DO UPDATE SET name = excluded.name RETURNING id";
        let row = sqlx::query_scalar(upsert);
        let row = row.bind(user.id()).bind(user.display_name());
        row.fetch_one(&self.0).await
    }

    /// The notes of a person, or of all.
    pub async fn notes(&self, of: Option<i64>) -> Result<Vec<Note>, sqlx::Error> {
        let rows = "SELECT notes.id, people.name AS author, text FROM notes
            JOIN people ON people.id = owner WHERE ?1 IS NULL OR owner = ?1 ORDER BY notes.id";
        let rows = sqlx::query_as(rows).bind(of).fetch_all(&self.0).await?;
        let notes = rows.into_iter();
        Ok(notes
            .map(|(id, author, text)| Note { id, author, text })
            .collect())
    }

    /// Who wrote a note. `None`: there is none.
    pub async fn owner_of(&self, note: i64) -> Result<Option<i64>, sqlx::Error> {
        let owner = sqlx::query_scalar("SELECT owner FROM notes WHERE id = ?");
        owner.bind(note).fetch_optional(&self.0).await
    }

    pub async fn write(&self, owner: i64, text: &str) -> Result<(), sqlx::Error> {
        let note = sqlx::query("INSERT INTO notes (owner, text) VALUES (?, ?)");
        note.bind(owner).bind(text).execute(&self.0).await?;
        Ok(())
    }

    pub async fn delete(&self, note: i64) -> Result<(), sqlx::Error> {
        let note = sqlx::query("DELETE FROM notes WHERE id = ?").bind(note);
        note.execute(&self.0).await?;
        Ok(())
    }

    pub async fn record(&self, what: &str) -> Result<(), sqlx::Error> {
        let line = sqlx::query("INSERT INTO audit (what) VALUES (?)").bind(what);
        line.execute(&self.0).await?;
        Ok(())
    }

    /// When, and what: the last hundred.
    pub async fn records(&self) -> Result<Vec<(String, String)>, sqlx::Error> {
        let rows = "SELECT at, what FROM audit ORDER BY id DESC LIMIT 100";
        sqlx::query_as(rows).fetch_all(&self.0).await
    }
}
