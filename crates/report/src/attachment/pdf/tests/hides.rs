//! What no reader shows: comments, notes with a flag, metadata under another name; and annotations and actions by who refers
//! to them.

use super::{
    Sort, finding,
    made::{HEADER, Made, flate, stream},
    told,
};

fn passes(made: &Made) {
    for bytes in made.both() {
        assert_eq!(finding(&bytes), None, "{}", String::from_utf8_lossy(&made.clear()));
    }
}

fn refused(made: &Made, sort: Sort, what: &str) {
    for bytes in made.both() {
        let found = told(&bytes);
        let clear = String::from_utf8_lossy(&made.clear()).into_owned();
        assert!(found.0 == Some(sort) && found.1.contains(what), "{found:?} and not {what}: {clear}");
    }
}

/// A document with these lines behind the one that tells that it is not text.
fn commented(lines: &str) -> Vec<u8> {
    begun(&format!("{HEADER}{lines}"))
}

/// A document that begins with this.
fn begun(head: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(&Made::default().clear()).into_owned();
    let behind = text.strip_prefix(HEADER).unwrap();
    let mut out = head.to_owned();
    let (moved, start) = (out.len() - HEADER.len(), text.find("\nxref\n").unwrap() + 1 - HEADER.len());
    let (objects, table) = behind.split_at(start);
    out.push_str(objects);
    for line in table.split_inclusive('\n') {
        let row = line.ends_with(" 00000 n \n").then(|| line[..10].parse::<usize>().unwrap() + moved);
        let end = line.trim().parse::<usize>().is_ok().then(|| format!("{}\n", start + HEADER.len() + moved));
        out.push_str(&row.map(|at| format!("{at:010} 00000 n \n")).or(end).unwrap_or_else(|| line.to_owned()));
    }
    out.into_bytes()
}

#[test]
fn pol_14_comments_are_few_and_short() {
    let found = |lines: &str| finding(&commented(lines));
    let hidden = "comments that no reader shows";
    for good in ["", "% Written by MuPDF 1.28.5\n", &"%\n".repeat(8), &format!("%{}\n", "x".repeat(99))] {
        assert_eq!(found(good), None, "{good}");
    }
    for bad in [
        format!("%{}\n", "SECRET ".repeat(430)),
        format!("%{}\n", "x".repeat(100)),
        format!("%{}\n", "x".repeat(50)).repeat(2),
        "%\n".repeat(9),
        format!("%%EOF{}\n", "x".repeat(100)),
        "%%EOFx\n".repeat(9),
    ] {
        let found = found(&bad).unwrap();
        assert!(found.sort == Sort::Hidden && found.what().starts_with(hidden), "{found} {bad}");
    }
    // What tells that the file is not text is short too.
    let mark = |length: usize| begun(&format!("%PDF-1.7\n%{}\n", "x".repeat(length)));
    assert_eq!((finding(&mark(79)), finding(&mark(99))), (None, None));
    assert_eq!((told(&mark(100)).0, told(&mark(3000)).0), (Some(Sort::Hidden), Some(Sort::Hidden)));
    // In object streams as in clear.
    refused(&Made::with(&[&format!("null %{}\n", "x".repeat(100))]), Sort::Hidden, hidden);
    refused(&Made::with(&["% 1\nnull % 2\n"; 5]), Sort::Hidden, hidden);
    passes(&Made::with(&["% 1\nnull % 2\n"; 4]));
}

#[test]
fn the_command_line_of_ghostscript_is_told() {
    let line = "%%Invocation: gs -P- -dSAFER -q -dNOPAUSE -dBATCH -sDEVICE=pdfwrite -sstdout=? -sOutputFile=? ?\n";
    let more = format!("%%+ {}?\n", "-dCompatibilityLevel=1.4 ".repeat(8));
    let found = super::inspect(&commented(&format!("{line}{more}")).as_slice());
    assert_eq!(found.finding, None);
    assert!(found.names[0].key == "Invocation" && found.names[0].value.starts_with("gs -P- -dSAFER"));
    for bad in [
        format!("%%Invocation: {}\n", "x".repeat(500)),
        format!("{line}%%Invocation: {}\n", "x".repeat(100)),
        format!("%%Invocation: \u{1}{}\n", "x".repeat(100)),
        format!("%%+ {}\n", "x".repeat(100)),
    ] {
        assert_eq!(told(&commented(&bad)).0, Some(Sort::Hidden), "{bad}");
    }
}

#[test]
fn pol_14_a_note_that_is_not_shown_is_hidden() {
    let note = |pairs: &str| format!("<< /Type /Annot /Rect [0 0 9 9] {pairs} >>");
    let ways = |pairs: &str| {
        [Made::page("/Annots [5 0 R]", &[&note(pairs)]), Made::page(&format!("/Annots [{}]", note(pairs)), &[])]
    };
    for bad in [
        "/Subtype /Text /F 2 /Contents (said)",
        "/Contents (said) /F 32 /Subtype /FreeText",
        "/Subtype /Text /F 62 /Contents <FEFF0041>",
        "/Subtype /Link /F -1 /Contents (said)",
        "/Subtype /Text /F 2 /RC (<p>said</p>)",
        "/Subtype /Text /F 2 /Contents 3 0 R",
        "/Subtype /Text /F 3 0 R /Contents (said)",
        "/Subtype /Text /F 2.0 /Contents (said)",
        "/Subtype /Text /#46 2 /Cont#65nts (said)",
    ] {
        ways(bad).iter().for_each(|made| refused(made, Sort::Hidden, "a note that no reader shows"));
    }
    for good in [
        "/Subtype /Text /F 28 /Contents (said)",
        "/Subtype /Text /Contents (said)",
        "/Subtype /Popup /F 30 /Contents (said)",
        "/Subtype /Text /F 2",
        "/Subtype /Text /F 2 /Contents ()",
        "/Subtype /Text /F 2 /Contents <FEFF>",
        "/Subtype /Text /F 2 /Contents null",
    ] {
        ways(good).iter().for_each(passes);
    }
}

#[test]
fn pol_14_every_member_of_annots_is_text_a_mark_or_a_link() {
    let what = "an annotation that is no text, mark or link";
    for bad in ["<< /Subtype /Foo >>", "<< /Subtype /Foo /T (x) >>", "<< >>", "<< /S /Foo /Subtype /Text >>"] {
        refused(&Made::page("/Annots [5 0 R]", &[bad]), Sort::Odd, what);
        refused(&Made::page("/Annots 5 0 R", &["[6 0 R]", bad]), Sort::Odd, what);
        // The array stands before and behind what refers to it, and the annotation before its array.
        refused(&Made::with(&["[6 0 R]", bad, "<< /Type /Page /Annots 5 0 R >>"]), Sort::Odd, what);
        refused(&Made::with(&[bad, "[5 0 R]", "<< /Type /Page /Annots 6 0 R >>"]), Sort::Odd, what);
    }
    for bad in ["<< /Subtype /Foo >>", "<< >>"] {
        refused(&Made::page(&format!("/Annots [{bad}]"), &[]), Sort::Odd, what);
        refused(&Made::page(&format!("/Annots [null [{bad}]]"), &[]), Sort::Odd, what);
        refused(&Made::page("/Annots 5 0 R", &[&format!("[{bad}]")]), Sort::Odd, "no array of annotations");
        refused(&Made::page("/Annots 5 0 R", &[&format!("[[{bad}]]")]), Sort::Odd, "no array of annotations");
    }
    refused(&Made::page("/Annots 5 0 R", &["<< /Subtype /Text >>"]), Sort::Odd, "no array of annotations");
    refused(&Made::page("/Annots [5 0 R]", &["[6 0 R]", "<< /Subtype /Foo >>"]), Sort::Odd, what);
    passes(&Made::page("/Annots [5 0 R 99 0 R 0 0 R null]", &["<< /Subtype /Text >>"]));
    passes(&Made::page("/Annots 5 0 R", &["[6 0 R << /Subtype /Link /Rect [0 0 1 1] >>]", "<< /Subtype /Text >>"]));
    passes(&Made::page("/Annots 5 0 R", &["[]"]));
    passes(&Made::page("/Annots null", &[]));
    // Arrays that hold other things.
    passes(&Made::with(&["[6 0 R 7 0 R]", "<< /Subtype /Foo >>", "<< >>"]));
    passes(&Made::with(&["[1 0 R /A 3]"]));
}

#[test]
fn pol_14_an_action_is_one_of_the_list_whatever_else_it_has() {
    let link = |action: &str| format!("<< /Subtype /Link /Rect [0 0 1 1] /A {action} >>");
    let item = |action: &str| format!("<< /Title (One) /A {action} >>");
    let what = "an action that does more";
    for bad in ["<< /S /Foo /O /Layout >>", "<< /O /Layout /S /Foo >>", "<< /S /Foo >>"] {
        for holder in [link("6 0 R"), item("6 0 R"), "<< /PA 6 0 R >>".to_owned(), "<< /Next 6 0 R >>".to_owned()] {
            refused(&Made::with(&[&holder, bad]), Sort::Active, what);
        }
        for holder in [link(bad), item(bad), link(&format!("[{bad}]")), format!("<< /A [[{bad}]] >>")] {
            refused(&Made::with(&[&holder]), Sort::Active, what);
        }
        refused(&Made::page(&format!("/Annots [{}]", link("5 0 R")), &[bad]), Sort::Active, what);
        refused(&Made::with(&["<< /A [6 0 R] >>", bad]), Sort::Active, what);
        refused(&Made::with(&["<< /A [[6 0 R]] >>", bad]), Sort::Active, what);
        refused(&Made::catalog("/OpenAction 5 0 R", &[bad]), Sort::Active, "/OpenAction");
    }
    // Where an action is due nothing else may stand.
    for bad in ["<< /O /Layout >>", "<< /S (Launch) >>", "[6 0 R]", "(x)", "/GoTo", "[]", "<< /Subtype /Text >>"] {
        for holder in [link("6 0 R"), item("6 0 R"), link(bad), item(bad)] {
            let bodies = [holder.as_str(), if holder.contains("6 0 R >>") { bad } else { "null" }];
            refused(&Made::with(&bodies), Sort::Active, what);
        }
    }
    for good in ["<< /S /GoTo /D (x) >>", "<< /S /URI /URI (http://a) >>", "<< /S /Named /N /NextPage >>", "null"] {
        for holder in [link("6 0 R"), item("6 0 R"), link(good), item(good)] {
            passes(&Made::with(&[&holder, good]));
        }
    }
    passes(&Made::with(&["<< /Type /StructElem /S /P /A [6 0 R << /O /Table /RowSpan 2 >>] >>", "<< /O /Layout >>"]));
}

#[test]
fn names_in_metadata_are_told_whoever_refers_to_it() {
    let packet = b"<dc:creator><rdf:Seq><rdf:li>J. Doe</rdf:li></rdf:Seq></dc:creator>";
    let with = |pairs: &str, data: &[u8]| Made {
        catalog: "/Metadata 5 0 R".to_owned(),
        objects: vec![stream(pairs, data)],
        ..Made::default()
    };
    let predicted = [&[0][..], packet].concat();
    let rows = format!("/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns {} >>", packet.len());
    for (pairs, data) in [
        ("/Type /Metadata /Subtype /XML", packet.to_vec()),
        ("/Subtype /XML", packet.to_vec()),
        ("/Type /Metadata /Filter /FlateDecode", flate(packet)),
        (&format!("/Type /Metadata {rows}"), flate(&predicted)),
    ] {
        for bytes in with(pairs, &data).both() {
            let found = super::inspect(&bytes.as_slice());
            assert_eq!(found.finding, None, "{pairs}");
            assert_eq!((found.names[0].key.as_str(), found.names[0].value.as_str()), ("Author", "J. Doe"));
        }
    }
    refused(&with("", packet), Sort::Odd, "/Metadata of what is no stream of /Type /Metadata");
    refused(&with("/Type /XObject /Subtype /Form", packet), Sort::Odd, "/Metadata of what");
    refused(&Made::catalog("/Metadata 5 0 R", &["<< /Type /Metadata >>"]), Sort::Odd, "/Metadata of what");
    let of_a_page = Made { page: "/Metadata 5 0 R".to_owned(), catalog: String::new(), ..with("", packet) };
    refused(&of_a_page, Sort::Odd, "/Metadata of what");
    refused(&with("/Type /Metadata /Filter /LZWDecode", &[0x80, 0x40, 0x40]), Sort::Odd, "another coding than Flate");
    passes(&Made::catalog("/Metadata 5 0 R", &["null"]));
    passes(&Made::catalog("/Metadata 99 0 R", &[]));
}
