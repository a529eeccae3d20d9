//! Names of people and tools in XMP packets. Nothing is judged here: such a packet is refused in an image whatever it says.

use super::inspected::Inspected;

/// Properties that name people or tools, and what they are told as.
const PROPERTIES: [(&str, &str); 6] = [
    ("dc:creator", "XMP creator"),
    ("dc:rights", "XMP rights"),
    ("xmp:CreatorTool", "XMP CreatorTool"),
    ("photoshop:AuthorsPosition", "XMP AuthorsPosition"),
    ("tiff:Artist", "XMP Artist"),
    ("pdf:Producer", "XMP Producer"),
];

/// Keeps the first name of each property, whether it is written as an attribute or as an element.
pub(super) fn names(packet: &str, into: &mut Inspected) {
    for (property, key) in PROPERTIES {
        let Some((_, rest)) = packet.split_once(property) else { continue };
        let value = match rest.strip_prefix("=\"") {
            Some(attribute) => attribute.split('"').next(),
            None => rest.split(property).next().and_then(words),
        };
        into.name(key, value.unwrap_or_default());
    }
}

/// The first words between two tags.
fn words(element: &str) -> Option<&str> {
    element.split('>').skip(1).filter_map(|part| part.split('<').next()).find(|part| !part.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_attributes_and_elements() {
        let packet = "<rdf:Description xmp:CreatorTool=\"Paint 1\"><dc:creator><rdf:Seq>\n<rdf:li>J. Doe</rdf:li>\
            </rdf:Seq></dc:creator></rdf:Description>";
        let mut found = Inspected::default();
        names(packet, &mut found);
        let told: Vec<(&str, &str)> = found.names.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!(told, [("XMP creator", "J. Doe"), ("XMP CreatorTool", "Paint 1")]);
    }
}
