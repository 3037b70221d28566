//! Requests checked against the catalog.

use super::script::{chars, text, told};
use crate::catalog::{
    generatio_catalog_builtin, generatio_catalog_check, generatio_catalog_find, generatio_catalog_free,
    generatio_model_name,
};
use crate::error::{
    generatio_error_free, generatio_error_problem_count, generatio_error_problem_path, generatio_error_problem_status,
};
use crate::generation::generatio_generation_free;
use crate::status::Status;
use std::ptr::{null, null_mut};

#[test]
fn every_problem_of_a_request_is_told() {
    let (mut catalog, mut generation, mut error) = (null_mut(), null_mut(), null_mut());
    let ((model, model_len), (bad, bad_len)) = (chars("flux/dev"), chars(r#"{"num_images": 99, "nonsense": 1}"#));
    // SAFETY: texts, handles and places of our own.
    unsafe {
        assert_eq!(generatio_catalog_builtin(&raw mut catalog), Status::Ok);
        assert_eq!(text(generatio_model_name(generatio_catalog_find(catalog, model, model_len))), "flux/dev");
        let status = generatio_catalog_check(
            catalog,
            model,
            model_len,
            null(),
            0,
            bad,
            bad_len,
            &raw mut generation,
            &raw mut error,
        );
        assert_eq!(status, Status::PromptMissing);
        let problems: Vec<_> = (0..generatio_error_problem_count(error))
            .map(|at| (generatio_error_problem_status(error, at), text(generatio_error_problem_path(error, at))))
            .collect();
        let expected = [(401, "prompt"), (412, "parameters.num_images"), (410, "parameters.nonsense")];
        assert_eq!(problems, expected.map(|(number, path)| (number, path.to_owned())));
        generatio_error_free(error);
        let (list, list_len) = chars("[]");
        let status = generatio_catalog_check(
            catalog,
            model,
            model_len,
            model,
            model_len,
            list,
            list_len,
            &raw mut generation,
            &raw mut error,
        );
        assert_eq!((status, told(error).0), (Status::NotJson, Status::NotJson.number()));
        let status = generatio_catalog_check(
            catalog,
            model,
            model_len,
            model,
            model_len,
            null(),
            0,
            &raw mut generation,
            null_mut(),
        );
        assert_eq!(status, Status::Ok);
        generatio_generation_free(generation);
        generatio_catalog_free(catalog);
    }
}
