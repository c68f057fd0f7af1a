variable "trusted" {
  # The same type as in module github-trust, which looks at the values; a test holds the two together.
  description = "Repositories that may assume the role, each with the refs and environments from which they may. The README of this module explains each member."
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
}

variable "issuer" {
  description = "Host of GitHub's OIDC issuer without https://: token.actions.githubusercontent.com, with /ENTERPRISE where the enterprise has an issuer of its own, token.actions.SUBDOMAIN.ghe.com, or HOSTNAME/_services/token on GitHub Enterprise Server."
  type        = string
  default     = "token.actions.githubusercontent.com"

  validation {
    condition     = can(regex("^[a-z0-9.-]+\\.[a-z]+(/[A-Za-z0-9_-]+)*$", var.issuer))
    error_message = "Give the issuer as a host and path without https:// and without a slash at the end: token.actions.githubusercontent.com."
  }
}

variable "check_repository_id" {
  description = "Whether the token's repository_id must match too, beside the subject. AWS compares it for token.actions.githubusercontent.com in its commercial regions; null does so there and nowhere else."
  type        = bool
  default     = null
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "scanner-read-only"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@- in it."
  }
}

variable "role_path" {
  description = "Path of the role and its policies."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path))
    error_message = "A path begins and ends with a slash: / or /security/."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the role; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "Give the ARN of a policy: arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "max_session_duration" {
  description = "Longest session in seconds. A scan of many accounts may need more than an hour; role chaining is always limited to one."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "Give 3,600 to 43,200 seconds."
  }
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

  validation {
    condition     = var.member_role_name == null || can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.member_role_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@- in it, and no path before it."
  }
}

variable "organization_id" {
  description = "Limits role chaining to accounts of this organization (o-...); null for no limit beyond the role's name."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "An organization's id looks like o-a1b2c3d4e5."
  }
}

variable "tags" {
  description = "Tags for everything that is created."
  type        = map(string)
  default     = {}
}

variable "evidence" {
  description = "Whether the role may look for proof that logs arrive: metrics of CloudWatch, and the keys of the buckets in evidence_buckets."
  type        = bool
  default     = true
}

variable "evidence_buckets" {
  description = "Names of the buckets that logs are delivered into. Their keys may be listed, one page a source and day; their objects may not be read."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for bucket in var.evidence_buckets : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", bucket))])
    error_message = "Name buckets without s3:// and without a prefix; none may stand for any other."
  }
}

variable "security_hub" {
  description = "Whether the role may import findings into Security Hub of its account (scan --send-security-hub): the one right to write, in a policy of its own."
  type        = bool
  default     = false
}
