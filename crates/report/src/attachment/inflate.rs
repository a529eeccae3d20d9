//! Inflating piece by piece, so that what is inflated is looked at and forgotten.

use miniz_oxide::{
    DataFormat, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};

/// Inflated bytes at a time.
const PIECE: usize = 32 * 1024;

/// A zlib stream that is being inflated.
pub(super) struct Inflate {
    state: Box<InflateState>,
    piece: Vec<u8>,
    /// Whether its end has come, with the right checksum.
    pub(super) ended: bool,
}

/// The stream is no zlib stream, or its checksum is wrong.
#[derive(Debug)]
pub(super) struct Broken;

impl Inflate {
    pub(super) fn new() -> Self {
        Self { state: InflateState::new_boxed(DataFormat::Zlib), piece: vec![0; PIECE], ended: false }
    }

    /// Inflates these bytes and gives what comes of them to `take`; how many bytes belong to the stream.
    ///
    /// # Errors
    /// [`Broken`], or what `take` says.
    pub(super) fn push<E: From<Broken>>(
        &mut self,
        mut input: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut used = 0_usize;
        while !self.ended {
            let result = inflate(&mut self.state, input, &mut self.piece, MZFlush::None);
            used = used.saturating_add(result.bytes_consumed);
            input = input.get(result.bytes_consumed..).unwrap_or_default();
            take(self.piece.get(..result.bytes_written).unwrap_or_default())?;
            match result.status {
                Ok(MZStatus::StreamEnd) => self.ended = true,
                // With no input left, a piece that is not full says that all was given.
                Ok(_) if input.is_empty() && result.bytes_written < PIECE => break,
                Ok(_) => {}
                // No progress: the input is used up.
                Err(miniz_oxide::MZError::Buf) if input.is_empty() => break,
                Err(_) => return Err(E::from(Broken)),
            }
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<Broken> for () {
        fn from(Broken: Broken) -> Self {}
    }

    /// All that comes of a stream, and how much of it was used.
    fn all(bytes: &[u8], step: usize) -> Result<(Vec<u8>, usize, bool), ()> {
        let (mut inflate, mut out, mut used) = (Inflate::new(), Vec::new(), 0);
        for piece in bytes.chunks(step) {
            used += inflate.push(piece, &mut |some: &[u8]| -> Result<(), ()> {
                out.extend_from_slice(some);
                Ok(())
            })?;
        }
        Ok((out, used, inflate.ended))
    }

    #[test]
    fn a_stream_ends_where_it_ends_however_it_is_cut() {
        let plain: Vec<u8> = (0..300_000_u32).map(|n| ((n / 7) ^ (n % 251)) as u8).collect();
        let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&plain, 6);
        let longer = [&zlib[..], b"behind"].concat();
        for step in [1, 2, 1000, longer.len()] {
            assert_eq!(all(&longer, step), Ok((plain.clone(), zlib.len(), true)), "{step}");
        }
        assert_eq!(all(&zlib[..zlib.len() - 1], 4096).map(|(.., ended)| ended), Ok(false));
        let mut wrong = zlib.clone();
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(all(&wrong, 4096), Err(()), "the checksum");
        assert_eq!(all(b"no zlib stream", 4096), Err(()));
    }
}
