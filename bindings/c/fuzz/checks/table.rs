//! All functions of the header. New ones go to the end of the table: inputs name them by number.

use super::function::Function;
use super::world::World;
use generatio_c::call::outcome::{
    generatio_call_cancel_outcome, generatio_call_completion, generatio_call_output, generatio_call_progress,
    generatio_call_submitted, generatio_call_webhook_keys,
};
use generatio_c::call::{
    generatio_call_abort, generatio_call_chunk, generatio_call_end, generatio_call_exchange, generatio_call_finish,
    generatio_call_free, generatio_call_head, generatio_call_head_done, generatio_call_header,
    generatio_call_is_aborted, generatio_call_next, generatio_call_next_progress, generatio_call_request,
    generatio_call_wait_until, generatio_call_wants,
};
use generatio_c::catalog::{
    generatio_catalog_builtin, generatio_catalog_check, generatio_catalog_find, generatio_catalog_free,
    generatio_catalog_len, generatio_catalog_model, generatio_catalog_with_file, generatio_model_certainty,
    generatio_model_cost_per_image, generatio_model_description, generatio_model_display_name,
    generatio_model_endpoint, generatio_model_json, generatio_model_name, generatio_model_parameter,
    generatio_model_parameter_count, generatio_parameter_description, generatio_parameter_json,
    generatio_parameter_name, generatio_parameter_type,
};
use generatio_c::error::{
    generatio_error_column, generatio_error_fal_status, generatio_error_fal_type, generatio_error_free,
    generatio_error_line, generatio_error_may_have_been_taken, generatio_error_message, generatio_error_problem_count,
    generatio_error_problem_message, generatio_error_problem_path, generatio_error_problem_status,
    generatio_error_request_id, generatio_error_retry_after_ms, generatio_error_retryable, generatio_error_status,
};
use generatio_c::fal::{
    generatio_fal_cancel, generatio_fal_check_key, generatio_fal_free, generatio_fal_new, generatio_fal_picture_url,
    generatio_fal_result, generatio_fal_status, generatio_fal_submit, generatio_fal_submit_input, generatio_fal_wait,
    generatio_fal_webhook_keys,
};
use generatio_c::generation::{
    generatio_cost_billable_units, generatio_cost_certainty, generatio_cost_free, generatio_cost_nano_usd,
    generatio_cost_unit, generatio_cost_unit_price, generatio_cost_units, generatio_generation_charge,
    generatio_generation_free, generatio_generation_height, generatio_generation_images, generatio_generation_input,
    generatio_generation_quote, generatio_generation_width,
};
use generatio_c::money::{
    generatio_usd_average, generatio_usd_format, generatio_usd_parse, generatio_usd_split, generatio_usd_sum,
    generatio_usd_times,
};
use generatio_c::output::{
    generatio_output_billable_units, generatio_output_content_type, generatio_output_count, generatio_output_file_size,
    generatio_output_free, generatio_output_height, generatio_output_inference_ms, generatio_output_is_nsfw,
    generatio_output_seed, generatio_output_url, generatio_output_width,
};
use generatio_c::progress::{
    generatio_progress_free, generatio_progress_inference_ms, generatio_progress_log_count,
    generatio_progress_log_level, generatio_progress_log_message, generatio_progress_log_timestamp,
    generatio_progress_queue_position, generatio_progress_state,
};
use generatio_c::request::{
    generatio_request_body, generatio_request_deadline_ms, generatio_request_header_count,
    generatio_request_header_is_secret, generatio_request_header_name, generatio_request_header_value,
    generatio_request_max_body, generatio_request_method, generatio_request_url,
};
use generatio_c::run::generatio_call_run;
use generatio_c::seal::{
    generatio_account_secret, generatio_is_account_secret, generatio_open, generatio_reseal, generatio_seal,
    generatio_seal_v1, generatio_sealed_read,
};
use generatio_c::session::{
    generatio_session_id_new, generatio_session_index, generatio_session_open, generatio_session_seal,
};
use generatio_c::status::{generatio_status_message, generatio_status_name};
use generatio_c::submitted::{
    generatio_submitted_cancel_url, generatio_submitted_endpoint, generatio_submitted_free,
    generatio_submitted_request_id, generatio_submitted_response_url, generatio_submitted_restore,
    generatio_submitted_status_url,
};
use generatio_c::text::{
    generatio_secret_free, generatio_secret_new, generatio_secret_view, generatio_text_free, generatio_text_view,
};
use generatio_c::validate::{
    generatio_email_key, generatio_fal_key_check, generatio_name_check, generatio_password_check,
    generatio_prompt_check,
};
use generatio_c::version::{generatio_abi, generatio_version, generatio_version_number};
use generatio_c::webhook::{
    generatio_delivery_error, generatio_delivery_free, generatio_delivery_gateway_request_id,
    generatio_delivery_outcome, generatio_delivery_output, generatio_delivery_request_id, generatio_webhook_keys_free,
    generatio_webhook_keys_may_refetch, generatio_webhook_keys_parse, generatio_webhook_keys_refetching,
    generatio_webhook_keys_stale, generatio_webhook_verify,
};

/// A name, and what calls it.
pub(crate) type Entry = (&'static str, fn(&mut World<'_>));

macro_rules! table {
    ($($name:ident $shape:tt;)*) => {
        &[$((stringify!($name), table!(@ $name $shape))),*]
    };
    (@ $name:ident free) => {
        |world| _ = world.free($name)
    };
    (@ $name:ident ($($argument:tt)*)) => {
        |world| ($name as unsafe extern "C" fn($($argument),*) -> _).call(world)
    };
}

/// A function for each number; an underscore for each argument, whose type says what it can be.
pub(crate) const TABLE: &[Entry] = table! {
    generatio_version ();
    generatio_version_number ();
    generatio_abi ();
    generatio_status_message (_);
    generatio_status_name (_);
    generatio_error_status (_);
    generatio_error_message (_);
    generatio_error_problem_count (_);
    generatio_error_problem_status (_ _);
    generatio_error_problem_path (_ _);
    generatio_error_problem_message (_ _);
    generatio_error_line (_);
    generatio_error_column (_);
    generatio_error_fal_status (_);
    generatio_error_fal_type (_);
    generatio_error_retryable (_);
    generatio_error_retry_after_ms (_);
    generatio_error_may_have_been_taken (_);
    generatio_error_request_id (_);
    generatio_error_free free;
    generatio_text_view (_);
    generatio_text_free free;
    generatio_secret_new (_ _ _);
    generatio_secret_view (_);
    generatio_secret_free free;
    generatio_seal (_ _ _ _ _ _ _ _);
    generatio_seal_v1 (_ _ _ _ _);
    generatio_open (_ _ _ _ _ _ _);
    generatio_reseal (_ _ _ _ _ _ _ _);
    generatio_sealed_read (_ _ _ _);
    generatio_account_secret (_ _ _ _ _ _ _);
    generatio_is_account_secret (_ _);
    generatio_session_id_new (_);
    generatio_session_index (_ _ _);
    generatio_session_seal (_ _ _ _ _ _ _ _ _);
    generatio_session_open (_ _ _ _ _ _ _ _ _);
    generatio_password_check (_ _);
    generatio_fal_key_check (_ _);
    generatio_prompt_check (_ _);
    generatio_name_check (_ _);
    generatio_email_key (_ _ _);
    generatio_usd_parse (_ _ _);
    generatio_usd_format (_ _ _);
    generatio_usd_sum (_ _ _);
    generatio_usd_average (_ _ _);
    generatio_usd_times (_ _ _ _);
    generatio_usd_split (_ _ _);
    generatio_catalog_builtin (_);
    generatio_catalog_with_file (_ _ _ _ _);
    generatio_catalog_len (_);
    generatio_catalog_model (_ _);
    generatio_catalog_find (_ _ _);
    generatio_model_name (_);
    generatio_model_endpoint (_);
    generatio_model_display_name (_);
    generatio_model_description (_);
    generatio_model_json (_);
    generatio_model_cost_per_image (_ _);
    generatio_model_certainty (_);
    generatio_model_parameter_count (_);
    generatio_model_parameter (_ _);
    generatio_parameter_name (_);
    generatio_parameter_type (_);
    generatio_parameter_description (_);
    generatio_parameter_json (_);
    generatio_catalog_check (_ _ _ _ _ _ _ _ _);
    generatio_catalog_free free;
    generatio_generation_input (_);
    generatio_generation_images (_);
    generatio_generation_width (_);
    generatio_generation_height (_);
    generatio_generation_free free;
    generatio_generation_quote (_ _);
    generatio_generation_charge (_ _ _ _ _);
    generatio_cost_nano_usd (_ _);
    generatio_cost_certainty (_ _);
    generatio_cost_unit (_ _);
    generatio_cost_units (_ _);
    generatio_cost_unit_price (_ _);
    generatio_cost_billable_units (_);
    generatio_cost_free free;
    generatio_fal_new (_ _ _);
    generatio_fal_picture_url (_ _ _ _);
    generatio_fal_free free;
    generatio_fal_submit (_ _ _ _ _ _ _ _ _);
    generatio_fal_submit_input (_ _ _ _ _ _ _ _ _ _ _ _);
    generatio_fal_status (_ _ _ _ _);
    generatio_fal_wait (_ _ _ _ _ _);
    generatio_fal_result (_ _ _ _ _ _);
    generatio_fal_cancel (_ _ _ _ _);
    generatio_fal_check_key (_ _ _ _ _);
    generatio_fal_webhook_keys (_ _ _);
    generatio_call_next (_ _ _);
    generatio_call_request (_);
    generatio_call_exchange (_);
    generatio_call_wait_until (_);
    generatio_call_wants (_ _);
    generatio_call_head (_ _ _);
    generatio_call_header (_ _ _ _ _ _);
    generatio_call_head_done (_ _);
    generatio_call_chunk (_ _ _ _);
    generatio_call_end (_ _ _);
    generatio_call_next_progress (_ _);
    generatio_call_abort (_);
    generatio_call_is_aborted (_);
    generatio_call_finish (_ _);
    generatio_call_free free;
    generatio_call_submitted (_ _);
    generatio_call_progress (_ _);
    generatio_call_completion (_ _ _ _);
    generatio_call_output (_ _);
    generatio_call_cancel_outcome (_ _);
    generatio_call_webhook_keys (_ _);
    generatio_call_run (_ _ _);
    generatio_request_method (_);
    generatio_request_url (_);
    generatio_request_header_count (_);
    generatio_request_header_name (_ _);
    generatio_request_header_value (_ _);
    generatio_request_header_is_secret (_ _);
    generatio_request_body (_);
    generatio_request_max_body (_);
    generatio_request_deadline_ms (_);
    generatio_submitted_restore (_ _ _ _ _ _ _ _ _ _ _ _ _);
    generatio_submitted_endpoint (_);
    generatio_submitted_request_id (_);
    generatio_submitted_status_url (_);
    generatio_submitted_response_url (_);
    generatio_submitted_cancel_url (_);
    generatio_submitted_free free;
    generatio_progress_state (_);
    generatio_progress_queue_position (_);
    generatio_progress_inference_ms (_);
    generatio_progress_log_count (_);
    generatio_progress_log_message (_ _);
    generatio_progress_log_level (_ _);
    generatio_progress_log_timestamp (_ _);
    generatio_progress_free free;
    generatio_output_count (_);
    generatio_output_url (_ _);
    generatio_output_content_type (_ _);
    generatio_output_width (_ _);
    generatio_output_height (_ _);
    generatio_output_file_size (_ _);
    generatio_output_is_nsfw (_ _);
    generatio_output_seed (_);
    generatio_output_inference_ms (_);
    generatio_output_billable_units (_);
    generatio_output_free free;
    generatio_webhook_keys_parse (_ _ _ _ _);
    generatio_webhook_keys_stale (_ _);
    generatio_webhook_keys_may_refetch (_ _);
    generatio_webhook_keys_refetching (_ _);
    generatio_webhook_keys_free free;
    generatio_webhook_verify (_ _ _ _ _ _ _ _ _ _ _ _ _ _ _);
    generatio_delivery_request_id (_);
    generatio_delivery_gateway_request_id (_);
    generatio_delivery_outcome (_);
    generatio_delivery_output (_);
    generatio_delivery_error (_);
    generatio_delivery_free free;
};
