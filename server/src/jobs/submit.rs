//! From a reserved job to a recorded request at FAL. The one place where money is spent.

use super::Shared;
use super::outcome::{Outcome, Trouble};
use super::record::BRIEFLY;
use crate::fault_points::{FaultPoint, reach};
use crate::store::{Attachment, Job, JobState};
use generatio_core::FalKey;
use generatio_core::catalog::Generation;
use generatio_core::fal::{SubmitError, SubmitOptions, Submitted};
use generatio_core::time::Clock;
use std::time::Duration;

/// How long a submit may take, retries of what certainly never left included.
const PATIENCE: Duration = Duration::from_secs(20);

impl Shared {
    /// A job from its reservation to its end, whichever that is.
    pub(super) async fn submit_and_finish(&self, job: &Job, generation: &Generation, key: &FalKey) -> Outcome {
        match self.submit(job, generation, key).await {
            Ok(submitted) => self.finish(job, &submitted, key).await,
            Err(outcome) => outcome,
        }
    }

    /// `created` → `submitting` → `submitted`, durable at each arrow. FAL's refusal, and what certainly never left, is
    /// `failed`; a submit whose answer was lost is `unknown` and never repeated.
    async fn submit(&self, job: &Job, generation: &Generation, key: &FalKey) -> Result<Submitted, Outcome> {
        let _at_sea = self.at_sea.read().await;
        if self.stopping.borrow().is_some() {
            return Err(self.abandon(job, JobState::Failed, Trouble::Stopping).await);
        }
        let begun = self.record(&job.id, BRIEFLY, || self.store.begin_submit(&job.id, job.fence, self.clock.now()));
        if let Err(error) = begun.await {
            tracing::error!(job = %job.id, %error, "a job could not be submitted");
            return Err(self.abandon(job, JobState::Failed, Trouble::Internal(error.to_string())).await);
        }
        reach(FaultPoint::BeforeSubmit).await;
        let deadline = self.clock.now().after(PATIENCE);
        let options = SubmitOptions { webhook: None, start_timeout: None, deadline };
        match self.fal.submit(key, &generation.model().endpoint, &generation.input(), &options).await {
            Ok(submitted) => {
                reach(FaultPoint::AfterSubmit).await;
                self.attach(job, &submitted).await;
                Ok(submitted)
            }
            Err(SubmitError::NotTaken(error)) => Err(self.abandon(job, JobState::Failed, Trouble::Fal(error)).await),
            Err(SubmitError::Unknown(error)) => Err(self.abandon(job, JobState::Unknown, Trouble::Fal(error)).await),
        }
    }

    /// `attach`: records FAL's request id. A store that fails here does not stop the job: FAL has it and will be paid.
    async fn attach(&self, job: &Job, submitted: &Submitted) {
        let attachment = Attachment {
            request_id: submitted.request_id.clone(),
            status_url: submitted.status_url.clone(),
            response_url: submitted.response_url.clone(),
            cancel_url: submitted.cancel_url.clone(),
        };
        let attach = || self.store.attach_job(&job.id, job.fence, attachment.clone(), self.clock.now());
        if let Err(error) = self.record(&job.id, BRIEFLY, attach).await {
            tracing::error!(job = %job.id, request = %submitted.request_id, %error, "a request id was not recorded");
        }
    }
}
