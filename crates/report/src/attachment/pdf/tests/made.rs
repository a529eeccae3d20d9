//! Makes files: right ones, in clear and with their objects in streams, and ones whose parts are changed on the way.

use miniz_oxide::deflate::compress_to_vec_zlib;
use std::fmt::Write as _;

pub(super) const HEADER: &str = "%PDF-1.7\n%\u{e2}\u{e3}\n";

/// A document of one page. What is set is added to it.
#[derive(Clone, Default)]
pub(super) struct Made {
    /// More pairs of the catalogue, of the page and of the trailer.
    pub(super) catalog: String,
    pub(super) page: String,
    pub(super) trailer: String,
    /// Objects from number 5 on.
    pub(super) objects: Vec<Vec<u8>>,
}

impl Made {
    pub(super) fn with(objects: &[&str]) -> Self {
        Self { objects: objects.iter().map(|one| one.as_bytes().to_vec()).collect(), ..Self::default() }
    }

    pub(super) fn catalog(pairs: &str, objects: &[&str]) -> Self {
        Self { catalog: pairs.to_owned(), ..Self::with(objects) }
    }

    pub(super) fn page(pairs: &str, objects: &[&str]) -> Self {
        Self { page: pairs.to_owned(), ..Self::with(objects) }
    }

    /// Its objects, from number 1 on.
    pub(super) fn bodies(&self) -> Vec<Vec<u8>> {
        let Self { catalog, page, objects, .. } = self;
        let mut out = vec![
            format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>").into_bytes(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R {page} >>").into_bytes(),
            stream("", b"BT (hello) Tj ET"),
        ];
        out.extend(objects.iter().cloned());
        out
    }

    /// With a table in clear.
    pub(super) fn clear(&self) -> Vec<u8> {
        let mut file = File::begin();
        (1..).zip(self.bodies()).for_each(|(number, body)| file.object(number, &body));
        file.end(&self.trailer)
    }

    /// With all that is no stream in an object stream, and a table that is a stream.
    pub(super) fn packed(&self) -> Vec<u8> {
        let mut file = File::begin();
        let bodies = self.bodies();
        let count = u32::try_from(bodies.len()).unwrap();
        let (streams, others): (Vec<_>, Vec<_>) = (1..).zip(bodies).partition(|(_, body)| body.ends_with(b"endstream"));
        streams.into_iter().for_each(|(number, body)| file.object(number, &body));
        file.objects(count + 1, &others, "");
        file.end_with_stream(count + 2, &self.trailer)
    }

    /// In both forms.
    pub(super) fn both(&self) -> [Vec<u8>; 2] {
        [self.clear(), self.packed()]
    }
}

/// A stream with these pairs.
pub(super) fn stream(pairs: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {pairs} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

pub(super) fn flate(data: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(data, 6)
}

/// Where an object is, in rows of a table.
#[derive(Clone, Copy)]
pub(super) enum Row {
    Free,
    At(usize),
    In(u32, u32),
}

/// A file that is being written.
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: Vec<Row>,
}

impl File {
    pub(super) fn begin() -> Self {
        Self { bytes: HEADER.as_bytes().to_vec(), rows: vec![Row::Free] }
    }

    pub(super) fn row(&mut self, number: u32, row: Row) {
        let index = usize::try_from(number).unwrap();
        self.rows.resize(self.rows.len().max(index + 1), Row::Free);
        self.rows[index] = row;
    }

    pub(super) fn object(&mut self, number: u32, body: &[u8]) {
        self.row(number, Row::At(self.bytes.len()));
        self.unlisted(number, body);
    }

    /// An object that no table has.
    pub(super) fn unlisted(&mut self, number: u32, body: &[u8]) {
        self.raw(format!("{number} 0 obj\n").as_bytes());
        self.raw(body);
        self.raw(b"\nendobj\n");
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// An object stream.
    pub(super) fn objects(&mut self, number: u32, objects: &[(u32, Vec<u8>)], pairs: &str) {
        let (mut head, mut all) = (String::new(), Vec::new());
        for (index, (one, body)) in (0..).zip(objects) {
            write!(head, "{one} {} ", all.len()).unwrap();
            all.extend_from_slice(body);
            all.push(b'\n');
            self.row(*one, Row::In(number, index));
        }
        let data = flate(&[head.as_bytes(), &all].concat());
        let (n, first) = (objects.len(), head.len());
        let pairs = format!("/Type /ObjStm /N {n} /First {first} /Filter /FlateDecode {pairs}");
        self.object(number, &stream(&pairs, &data));
    }

    /// The table, the trailer and the end.
    pub(super) fn end(mut self, trailer: &str) -> Vec<u8> {
        let at = self.bytes.len();
        self.table(trailer);
        self.raw(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        self.bytes
    }

    pub(super) fn table(&mut self, trailer: &str) {
        let mut out = format!("xref\n0 {}\n", self.rows.len());
        for (n, row) in self.rows.iter().enumerate() {
            match row {
                Row::At(at) => writeln!(out, "{at:010} 00000 n ").unwrap(),
                _ => writeln!(out, "0000000000 {} f ", if n == 0 { "65535" } else { "00000" }).unwrap(),
            }
        }
        writeln!(out, "trailer\n<< /Size {} /Root 1 0 R {trailer} >>", self.rows.len()).unwrap();
        self.raw(out.as_bytes());
    }

    /// A table that is a stream, kept as differences of rows.
    pub(super) fn end_with_stream(mut self, number: u32, trailer: &str) -> Vec<u8> {
        let at = self.bytes.len();
        self.row(number, Row::At(at));
        let (mut rows, mut above) = (Vec::new(), [0_u8; 6]);
        for row in &self.rows {
            let (kind, second, third) = match row {
                Row::Free => (0, 0, 0),
                Row::At(at) => (1, u32::try_from(*at).unwrap(), 0),
                Row::In(stream, index) => (2, *stream, u8::try_from(*index).unwrap()),
            };
            let [a, b, c, d] = second.to_be_bytes();
            let row = [kind, a, b, c, d, third];
            rows.push(2);
            rows.extend(row.iter().zip(above).map(|(byte, up)| byte.wrapping_sub(up)));
            above = row;
        }
        let parameters = "/DecodeParms << /Predictor 12 /Columns 6 >>";
        let size = self.rows.len();
        let pairs =
            format!("/Type /XRef /W [1 4 1] /Size {size} /Root 1 0 R /Filter /FlateDecode {parameters} {trailer}");
        self.unlisted(number, &stream(&pairs, &flate(&rows)));
        self.raw(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        self.bytes
    }
}
