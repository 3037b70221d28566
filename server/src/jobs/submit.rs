//! From a reserved job to a recorded request at FAL. The one place where money is spent.

use super::Shared;
use super::outcome::{Outcome, Trouble};
use super::record::BRIEFLY;
use super::webhook::Webhook;
use crate::fault_points::{FaultPoint, reach};
use crate::store::{Attachment, Job, JobState};
use generatio_core::FalKey;
use generatio_core::catalog::Generation;
use generatio_core::fal::{FalError, SubmitError, SubmitOptions, Submitted};
use generatio_core::time::Clock;
use std::time::Duration;

/// How long a submit may take, retries of what certainly never left included.
const PATIENCE: Duration = Duration::from_secs(20);

impl Shared {
    /// A job from its reservation to its end, whichever that is.
    pub(super) async fn submit_and_finish(
        &self,
        job: &Job,
        generation: &Generation,
        key: &FalKey,
        webhook: Option<Webhook>,
    ) -> Outcome {
        match self.submit(job, generation, key, webhook).await {
            Ok(submitted) => self.finish(job, &submitted, key).await,
            Err(outcome) => outcome,
        }
    }

    /// `created` → `submitting` → `submitted`, durable at each arrow. FAL's refusal, and what certainly never left, is
    /// `failed`; a submit whose answer was lost is `unknown` and never repeated.
    async fn submit(
        &self,
        job: &Job,
        generation: &Generation,
        key: &FalKey,
        webhook: Option<Webhook>,
    ) -> Result<Submitted, Outcome> {
        let _at_sea = self.at_sea.read().await;
        if self.stopping.borrow().is_some() {
            return Err(self.abandon(job, JobState::Failed, Trouble::Stopping).await);
        }
        let begun = self.record(job, BRIEFLY, || self.store.begin_submit(&job.id, job.fence, self.clock.now()));
        if let Err(error) = begun.await {
            tracing::error!(job = %job.id, %error, "a job could not be submitted");
            return Err(self.abandon(job, JobState::Failed, Trouble::Internal(error.to_string())).await);
        }
        reach(FaultPoint::BeforeSubmit).await;
        let deadline = self.clock.now().after(PATIENCE);
        // The address leaves its type to stand in the one request that is to carry it.
        let webhook = webhook.map(|webhook| webhook.url.expose().to_owned());
        let options = SubmitOptions { webhook, start_timeout: None, deadline };
        match self.fal.submit(key, &generation.model().endpoint, &generation.input(), &options).await {
            Ok(submitted) => {
                reach(FaultPoint::AfterSubmit).await;
                self.attach(job, &submitted).await;
                Ok(submitted)
            }
            Err(SubmitError::NotTaken(error)) => Err(self.abandon(job, JobState::Failed, Trouble::Fal(error)).await),
            Err(SubmitError::Unknown(error)) => self.doubt(job, error).await,
        }
    }

    /// The submit's answer is lost. FAL's webhook may have named the request meanwhile: then there is no doubt.
    async fn doubt(&self, job: &Job, error: FalError) -> Result<Submitted, Outcome> {
        if let Ok(Some(now)) = self.store.job(&job.owner, &job.id).await
            && now.state == JobState::Submitted
            && let Ok(submitted) = self.restore(&now)
        {
            return Ok(submitted);
        }
        Err(self.abandon(job, JobState::Unknown, Trouble::Fal(error)).await)
    }

    /// `attach`: records FAL's request id. A store that fails here does not stop the job: FAL has it and will be paid.
    async fn attach(&self, job: &Job, submitted: &Submitted) {
        let attachment = Attachment::from(submitted.clone());
        let attach = || self.store.attach_job(&job.id, job.fence, attachment.clone(), self.clock.now());
        if let Err(error) = self.record(job, BRIEFLY, attach).await {
            tracing::error!(job = %job.id, request = %submitted.request_id, %error, "a request id was not recorded");
        }
    }
}

impl From<Submitted> for Attachment {
    fn from(submitted: Submitted) -> Self {
        let Submitted { request_id, status_url, response_url, cancel_url, .. } = submitted;
        Self { request_id, status_url, response_url, cancel_url }
    }
}
