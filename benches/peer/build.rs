//! Makes the code of the two gRPC services: one for authors, one for the partner's node.
#![forbid(unsafe_code)]

use tonic_build::manual::{Builder, Method, Service};

const CODEC: &str = "tonic_prost::ProstCodec";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let submit = Method::builder()
        .name("submit")
        .route_name("Submit")
        .comment("One report, answered when its receipt is stored.")
        .input_type("crate::messages::Report")
        .output_type("crate::messages::Answer")
        .codec_path(CODEC)
        .build();
    let submit_many = Method::builder()
        .name("submit_many")
        .route_name("SubmitMany")
        .comment("Many reports, each answered when its receipt is stored.")
        .input_type("crate::messages::Reports")
        .output_type("crate::messages::Answers")
        .codec_path(CODEC)
        .client_streaming()
        .server_streaming()
        .build();
    let exchange = Method::builder()
        .name("exchange")
        .route_name("Exchange")
        .comment("Batches of reports one way, receipts the other.")
        .input_type("crate::messages::Batch")
        .output_type("crate::messages::Receipt")
        .codec_path(CODEC)
        .client_streaming()
        .server_streaming()
        .build();
    let authors = Service::builder()
        .package("peer")
        .name("Submissions")
        .comment("For authors.")
        .method(submit)
        .method(submit_many);
    let partner =
        Service::builder().package("peer").name("Partner").comment("For the partner's node.").method(exchange);
    Builder::new().build_transport(false).compile(&[authors.build(), partner.build()]);
}
