variable "trusted" {
  description = "Repositories that may assume the role, each with the refs and environments from which they may. See the README for each member."
  type = list(object({
    repository          = string                     # owner/name, or owner@OWNER_ID/name@REPOSITORY_ID as the token spells it
    owner_id            = optional(string)           # numeric id of the owner
    repository_id       = optional(string)           # numeric id of the repository
    subject_forms       = optional(list(string))     # "ids", "names"; both where null
    refs                = optional(list(string), []) # such as refs/heads/main
    environments        = optional(list(string), []) # GitHub deployment environments, such as aws-read-only
    workflows           = optional(list(string), []) # such as acme/security/.github/workflows/scan.yml@refs/heads/main
    pull_request        = optional(bool, false)      # pull requests of the repository's own branches
    pull_request_reason = optional(string, "")       # why no environment stands before them
    subjects            = optional(list(string), []) # whole subjects, where the owner customizes them
  }))

  validation {
    condition     = length(var.trusted) > 0
    error_message = "Name at least one repository."
  }
  validation {
    # GitHub: owners have letters, digits and hyphens, and an underscore before the short code of a managed user.
    condition     = alltrue([for t in var.trusted : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]*(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", t.repository))])
    error_message = "Write each repository as owner/name (or owner@1234/name@5678, as a token spells it), without wildcards; not so: ${join(", ", [for t in var.trusted : t.repository if !can(regex("^[A-Za-z0-9][A-Za-z0-9_-]*(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", t.repository))])}."
  }
  validation {
    condition     = alltrue(flatten([for t in var.trusted : [for id in compact([t.owner_id, t.repository_id]) : can(regex("^[1-9][0-9]*$", id))]]))
    error_message = "owner_id and repository_id are numbers, as `gh api repos/OWNER/NAME --jq '{owner_id: .owner.id, repository_id: .id}'` prints them."
  }
  validation {
    condition     = alltrue([for t in var.trusted : contains(["ids,names", "names,ids", "ids", "names"], join(",", t.subject_forms == null ? ["ids"] : t.subject_forms))])
    error_message = "subject_forms holds \"ids\", \"names\" or both."
  }
  validation {
    condition     = alltrue([for t in var.trusted : length(t.refs) + length(t.environments) + length(t.subjects) > 0 || t.pull_request])
    error_message = "Give each repository at least one ref (refs/heads/main) or environment: a role that any branch can assume is any contributor's role."
  }
  validation {
    condition     = alltrue([for t in var.trusted : !t.pull_request || length(trimspace(t.pull_request_reason)) >= 10])
    error_message = "pull_request lets everybody who can push a branch assume the role from it. Put the job into a deployment environment (allow refs/pull/*/merge there) and name that in environments instead, or say in pull_request_reason why none stands before it."
  }
  validation {
    # `$` would be an IAM policy variable; `*` and `?` mean nothing under StringEquals, and whoever writes them expects that they do.
    condition = alltrue(flatten([for t in var.trusted : [
      [for r in t.refs : can(regex("^refs/(heads|tags)/[^*?$\\s]+$", r))],
      [for e in t.environments : can(regex("^[^*?$/]+$", e))],
      [for s in t.subjects : can(regex("^[^*?$\\s]+$", s))],
      [for w in t.workflows : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+/\\.github/workflows/[^*?$\\s@]+@[^*?$\\s]+$", w))],
    ]]))
    error_message = "Refs begin with refs/heads/ or refs/tags/, environments are plain names, workflows are OWNER/NAME/.github/workflows/FILE@REF, subjects are whole; none has wildcards or $."
  }
}

variable "provider_arn" {
  description = "ARN of GitHub's OIDC provider in the account of the role."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[^*?$]+$", var.provider_arn))
    error_message = "Give the ARN of an OIDC provider: arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com."
  }
}

variable "audience" {
  description = "Audience of the token. Scanner asks for sts.amazonaws.com."
  type        = string
  default     = "sts.amazonaws.com"
}

variable "check_repository_id" {
  description = "Whether the token's repository_id must match too. AWS compares it for token.actions.githubusercontent.com in its commercial regions (since January 2026); null does so there and nowhere else."
  type        = bool
  default     = null
}
