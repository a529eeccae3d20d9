//! What makes a document act or carry a file, in clear and in object streams, and what looks like it and does not.

use super::{
    Sort, finding,
    made::{Made, flate, stream},
    told,
};

fn passes(made: &Made) {
    for bytes in made.both() {
        assert_eq!(finding(&bytes), None, "{}", String::from_utf8_lossy(&made.clear()));
    }
}

fn refused(made: &Made, what: &str) {
    for bytes in made.both() {
        let found = told(&bytes);
        let clear = String::from_utf8_lossy(&made.clear()).into_owned();
        assert!(matches!(found.0, Some(Sort::Active | Sort::Odd | Sort::Hidden)), "{clear}");
        assert!(found.1.contains(what), "{found:?} and not {what}: {clear}");
    }
}

#[test]
fn pol_14_a_page_to_show_first_passes_however_it_is_given() {
    passes(&Made::default());
    passes(&Made::catalog("/OpenAction [3 0 R /Fit]", &[]));
    passes(&Made::catalog("/OpenAction 5 0 R", &["[3 0 R /Fit]"]));
    passes(&Made::catalog("/OpenAction << /S /GoTo /D [3 0 R /XYZ 0 0 null] >>", &[]));
    passes(&Made::catalog("/OpenAction 5 0 R", &["<< /Type /Action /S /GoTo /D [3 0 R /Fit] >>"]));
    passes(&Made::catalog("/OpenAction null", &[]));
    for other in [
        "<< /S /GoTo /D [3 0 R] /Next << /S /GoTo >> >>",
        "<< /S /GoTo /Next 3 0 R >>",
        "<< /S /URI /URI (https://example.org) >>",
        "<< /S /Named /N /NextPage >>",
        "<< /S /SomethingNew >>",
        "<< /S#2f /GoTo >>",
        "<< >>",
        "(a page)",
        "/GoTo",
    ] {
        refused(&Made::catalog(&format!("/OpenAction {other}"), &[]), "");
        refused(&Made::catalog("/OpenAction 5 0 R", &[other]), "");
    }
}

#[test]
fn pol_14_actions_other_than_pages_and_links_are_refused_wherever_they_stand() {
    let actions = [
        "GoToR",
        "GoToE",
        "Launch",
        "Thread",
        "Sound",
        "Movie",
        "Hide",
        "SubmitForm",
        "ResetForm",
        "ImportData",
        "JavaScript",
        "SetOCGState",
        "Rendition",
        "Trans",
        "GoTo3DView",
        "RichMediaExecute",
    ];
    for action in actions {
        let (first, rest) = action.split_at(1);
        let escaped = format!("/#{:02x}{rest}", first.as_bytes()[0]);
        for name in [format!("/{action}"), escaped] {
            let one = format!("<< /S {name} /F (x) >>");
            refused(&Made::with(&[&one]), action);
            refused(&Made::page(&format!("/Annots [<< /Subtype /Link /Rect [0 0 1 1] /A {one} >>]"), &[]), action);
            refused(&Made::with(&[&format!("[[[{one}]]]")]), action);
            refused(&Made::catalog("/OpenAction 5 0 R", &[&one]), action);
        }
    }
    refused(&Made::with(&["<< /#53 /#4c#61unch >>"]), "Launch");
    refused(&Made::with(&["<</S/Launch>>"]), "Launch");
    refused(&Made::with(&["<< /S 6 0 R /F (x) >>", "/Launch"]), "a name that stands apart");
    refused(&Made::with(&["<< /S % >>\n /Launch >>"]), "Launch");
    refused(&Made::with(&["<< /S /GoTo /S /Launch >>"]), "given twice");
    refused(&Made::with(&["<< /S /Named /N /SaveAs >>"]), "a named action");
    refused(&Made::with(&["<< /S /Named /N 6 0 R >>", "/Print"]), "a named action");
    refused(&Made::with(&["<< /S /GoTo /Next << /S /Launch >> >>"]), "Launch");
    refused(&Made::with(&["<< /S /URI /URI (http://a) /Next [6 0 R] >>", "null"]), "a further one");
    refused(&Made::page("/AA << /O 5 0 R >>", &["<< /S /GoTo >>"]), "/AA");
    refused(&Made::catalog("/Names << /JavaScript << /Names [(a) 5 0 R] >> >>", &["null"]), "/JavaScript");
    refused(&Made::with(&["<< /JS (app.alert(1)) >>"]), "/JS");
    refused(&Made::with(&["<< /JS 6 0 R >>", "(x)"]), "/JS");
    // An action that no standard has, where one is looked for.
    for unknown in
        ["/Annots [<< /Subtype /Link /Rect [0 0 1 1] /A << /S /New >> >>]", "/A 5 0 R", "/A [5 0 R]", "/PA 5 0 R"]
    {
        refused(&Made::page(unknown, &["<< /S /New >>"]), "an action that does more");
    }
    passes(&Made::page("/A 5 0 R", &["<< /O /Layout /Placement /Block >>"]));
    passes(&Made::page("/A [5 0 R << /O /Table /RowSpan 2 >> 0]", &["<< /O /Layout >>"]));
    passes(&Made::with(&["<< /Title (One) /Next 6 0 R /A << /S /GoTo /D (x) >> >>", "<< /Title (Two) /Prev 5 0 R >>"]));
    passes(&Made::with(&["<< /S /Named /N /NextPage >>", "<< /Type /StructElem /S /Span /K [0 1] >>"]));
    // Letters and pictures whose names are those of keys.
    passes(&Made::page("/Resources << /XObject << /S 4 0 R /A 4 0 R /F 4 0 R /N 4 0 R >> >>", &[]));
}

#[test]
fn pol_14_links_lead_to_the_web_or_to_mail_and_words_in_them_are_words() {
    let link = |uri: &str| {
        Made::page("/Annots [5 0 R]", &[&format!("<< /Subtype /Link /Rect [0 0 1 1] /A << /S /URI /URI {uri} >> >>")])
    };
    for good in [
        "(https://example.org/JavaScript/Launch)",
        "(HTTP://a)",
        "(mailto:a@b)",
        "<68747470733a2f2f61>",
        "(htt\\160s://a)",
    ] {
        passes(&link(good));
    }
    passes(&Made::with(&["<< /S /URI /URI 6 0 R >>", "(https://a)"]));
    passes(&Made::with(&["<< /Title (/JavaScript /Launch /EmbeddedFile) >>"]));
    for bad in [
        "(javascript:app.alert)",
        "(JavaScript:x)",
        "(file:///etc/passwd)",
        "(\\\\\\\\host\\\\share)",
        "( http://a)",
        "(\\376\\377\\000h)",
        "(ftp://a)",
        "(//a)",
        "(data:text/html,x)",
        "<6a617661>",
        "(http://a\\nb)",
        "()",
        "(docs/a.html)",
    ] {
        refused(&link(bad), "a link that is neither");
    }
    refused(&Made::with(&["<< /S /URI /URI 6 0 R >>", "(javascript:x)"]), "a link that is neither");
}

#[test]
fn pol_14_annotations_are_text_marks_and_links() {
    let annotation = |subtype: &str| format!("<< /Type /Annot /Subtype /{subtype} /Rect [0 0 1 1] >>");
    for good in [
        "Link",
        "Text",
        "FreeText",
        "Highlight",
        "Underline",
        "StrikeOut",
        "Square",
        "Circle",
        "Line",
        "Ink",
        "Stamp",
        "Popup",
    ] {
        passes(&Made::page("/Annots [5 0 R]", &[&annotation(good)]));
    }
    for bad in [
        "FileAttachment",
        "Sound",
        "Movie",
        "Screen",
        "Widget",
        "3D",
        "RichMedia",
        "PrinterMark",
        "TrapNet",
        "Watermark",
        "Redact",
        "Projection",
        "Polygon",
        "PolyLine",
        "Caret",
        "New",
    ] {
        refused(&Made::page("/Annots [5 0 R]", &[&annotation(bad)]), "");
        refused(&Made::page("/Annots [5 0 R]", &[&annotation(bad).replace("/Type /Annot", "")]), "");
    }
    refused(&Made::with(&["<< /Type /Annot /Subtype 6 0 R /Rect [0 0 1 1] >>", "/Movie"]), "");
    passes(&Made::catalog("/AcroForm << /Fields [] /DR << >> >>", &[]));
    refused(&Made::catalog("/AcroForm << /Fields [] /XFA [(a) 4 0 R] >>", &[]), "/XFA");
}

#[test]
fn pol_14_files_and_programs_in_a_document_are_refused() {
    for pairs in [
        "/Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> >>",
        "/AF [5 0 R]",
        "/Collection << /View /D >>",
        "/X << /EF << /F 4 0 R >> >>",
        "/X << /Type /Filespec /F (a.exe) >>",
        "/X << /RichMediaContent << >> >>",
        "/X << /Movie << >> >>",
        "/X << /Sound 4 0 R >>",
        "/X << /3DD 4 0 R >>",
        "/PieceInfo << /Z << >> >>",
        "/Names << /Templates << >> >>",
        "/Names << /Renditions << >> >>",
        "/X << /Alternates [] >>",
        "/X << /OPI << >> >>",
    ] {
        refused(&Made::catalog(pairs, &["null"]), "/");
    }
    for pairs in
        ["/Type /EmbeddedFile", "/Subtype /PS", "/F (a)", "/Subtype2 /PS", "/Ref << >>", "/Type /3D /Subtype /U3D"]
    {
        let made = Made { objects: vec![stream(pairs, b"x")], ..Made::default() };
        refused(&made, "/");
    }
    let encrypted = Made { trailer: "/Encrypt << /Filter /Standard >>".to_owned(), ..Made::default() };
    refused(&encrypted, "an encrypted document");
}

#[test]
fn names_of_people_are_told() {
    let trailer = "/Info 5 0 R".to_owned();
    let info = "<< /Author (J. Doe) /Creator 6 0 R /Producer (x) /Manager <FEFF0041> /Title (Author) >>";
    let made = Made { trailer, ..Made::with(&[info, "(Writer)"]) };
    for bytes in made.both() {
        let found = super::inspect(&bytes.as_slice());
        let names: Vec<_> = found.names.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!((found.finding, names), (None, vec![("Author", "J. Doe"), ("Manager", "A"), ("Creator", "Writer")]));
    }
    // The text stands before the dictionary that calls it a name.
    let before = Made { trailer: "/Info 6 0 R".to_owned(), ..Made::with(&["(J. Doe)", "<< /Author 5 0 R >>"]) };
    assert_eq!(super::inspect(&before.clear().as_slice()).names[0].value, "J. Doe");
    assert_eq!(super::inspect(&before.packed().as_slice()).names[0].value, "(given elsewhere in the file)");
    let packet = b"<x:xmpmeta><dc:creator><rdf:Seq><rdf:li>J. Doe</rdf:li></rdf:Seq></dc:creator></x:xmpmeta>";
    let xmp = stream("/Type /Metadata /Subtype /XML /Filter /FlateDecode", &flate(packet));
    let made = Made { catalog: "/Metadata 5 0 R".to_owned(), objects: vec![xmp], ..Made::default() };
    assert_eq!(super::inspect(&made.packed().as_slice()).names[0].value, "J. Doe");
}
