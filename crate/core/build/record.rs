//! Byte strings behind their lengths: the form in which rules travel. `src/fingerprint/table.rs` reads it.

/// A record under construction.
#[derive(Debug, Default)]
pub struct Record(pub Vec<u8>);

impl Record {
    /// A record that begins with these bytes.
    pub fn of(head: &[u8]) -> Self {
        Self(head.to_vec())
    }

    /// Appends a part behind its length.
    pub fn part(&mut self, part: &[u8]) -> Result<(), String> {
        match u16::try_from(part.len()) {
            Ok(len @ 0..255) => self.0.push(len.to_le_bytes()[0]),
            Ok(len) => {
                self.0.push(255);
                self.0.extend(len.to_le_bytes());
            }
            Err(_) => return Err("too much for one rule: more than 65,535 bytes".into()),
        }
        self.0.extend(part);
        Ok(())
    }

    /// The same, as parts of one part.
    pub fn parts(&mut self, parts: &[Vec<u8>]) -> Result<(), String> {
        let mut all = Self::default();
        for part in parts {
            all.part(part)?;
        }
        self.part(&all.0)
    }

    /// Numbers of two bytes, as one part.
    pub fn numbers(&mut self, numbers: &[u16]) -> Result<(), String> {
        self.part(&numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>())
    }
}
