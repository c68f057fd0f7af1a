variable "trusted" {
  description = "Repositories that may assume the role, each with the refs and environments from which they may. At least one ref or environment each."
  type = list(object({
    repository   = string                     # owner/name, no wildcards
    refs         = optional(list(string), []) # such as refs/heads/main
    environments = optional(list(string), []) # GitHub deployment environments, such as aws-read-only
    pull_request = optional(bool, false)      # pull requests of branches in the repository (forks get no token)
  }))

  validation {
    condition     = length(var.trusted) > 0
    error_message = "Name at least one repository."
  }
  validation {
    condition     = alltrue([for t in var.trusted : can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", t.repository))])
    error_message = "Write each repository as owner/name, without wildcards."
  }
  validation {
    condition     = alltrue([for t in var.trusted : length(t.refs) + length(t.environments) > 0 || t.pull_request])
    error_message = "Give each repository at least one ref (refs/heads/main) or environment: a role that any branch can assume is any contributor's role."
  }
  validation {
    condition = alltrue(flatten([for t in var.trusted : [
      [for r in t.refs : can(regex("^refs/(heads|tags)/[^*?]+$", r))],
      [for e in t.environments : can(regex("^[^*?:/]+$", e))],
    ]]))
    error_message = "Refs begin with refs/heads/ or refs/tags/, environments are plain names; neither has wildcards."
  }
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "scanner-read-only"
}

variable "role_path" {
  description = "Path of the role and its policies."
  type        = string
  default     = "/"
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the role; null for none."
  type        = string
  default     = null
}

variable "max_session_duration" {
  description = "Longest session in seconds. A scan of many accounts may need more than an hour; role chaining is always limited to one."
  type        = number
  default     = 3600
}

variable "create_oidc_provider" {
  description = "Whether to create GitHub's OIDC provider. An account has one at most: set false where it is there already."
  type        = bool
  default     = true
}

variable "member_role_name" {
  description = "Name of the read-only role in member accounts that this role may assume (module member-role); null when only this account is scanned."
  type        = string
  default     = null
}

variable "organization_id" {
  description = "Limits role chaining to accounts of this organization (o-...); null for no limit beyond the role's name."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything that is created."
  type        = map(string)
  default     = {}
}
