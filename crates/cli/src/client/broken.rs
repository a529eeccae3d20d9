//! What a broken connection means, in the words of who sits before it.

use relto_host::tls::{fault, words};
use std::{
    error::Error as StdError,
    io::{self, ErrorKind},
};

const ENDED: &str = "it ended without an answer; the node has stopped, or its log says why";
pub(super) const CLOSED: &str = "it closed the connection before it was asked anything: the account is not in its configuration, or \
                      too many connections of it are open";

/// What a broken connection means, in the words of who sits before it and without the library's addresses.
pub(super) fn plain(error: &(dyn StdError + 'static)) -> String {
    let mut cause = Some(error);
    while let Some(one) = cause {
        if let Some(fault) = one.downcast_ref::<rustls::Error>() {
            return of_tls(fault);
        }
        if let Some(fault) = one.downcast_ref::<io::Error>() {
            if let Some(fault) = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return of_tls(fault);
            }
            match fault.kind() {
                ErrorKind::ConnectionRefused => return "nothing listens there: the node is not running".to_owned(),
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                    return ENDED.to_owned();
                }
                _ => {}
            }
        }
        if one.downcast_ref::<hyper::Error>().is_some_and(|one| one.is_incomplete_message() || one.is_canceled()) {
            return ENDED.to_owned();
        }
        cause = one.source();
    }
    let text = error.to_string();
    text.split(": http").next().unwrap_or_default().to_owned()
}

pub(super) fn not_taken(why: &str) -> String {
    format!("the node does not accept our certificate: {why}. The node's log says more")
}

fn of_tls(fault: &rustls::Error) -> String {
    match fault {
        rustls::Error::AlertReceived(alert) if words::is_about_certificate(*alert) => {
            not_taken(&format!("{}{}", words::of_alert(*alert), words::advice(*alert)))
        }
        rustls::Error::AlertReceived(alert) => {
            format!("no secure connection: the node ended it: {}{}", words::of_alert(*alert), words::advice(*alert))
        }
        rustls::Error::InvalidCertificate(_) => {
            format!("the node's certificate is not accepted: {}", fault::in_words(fault))
        }
        other => format!("no secure connection: {}", fault::in_words(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_connection_is_told_in_plain_words() {
        let address = "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest";
        for (kind, text) in [(ErrorKind::UnexpectedEof, address), (ErrorKind::Other, address)] {
            let told = plain(&io::Error::new(kind, text));
            assert!(!told.contains("http") && !told.is_empty(), "{told}");
        }
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        assert!(plain(&refused).contains("not running"));
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::AccessDenied);
        assert!(plain(&io::Error::new(ErrorKind::InvalidData, alert)).contains("does not accept our certificate"));
    }
}
