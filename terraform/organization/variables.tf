variable "hub_role_arn" {
  description = "ARN of the role in the hub account (module github-role, output role_arn)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.hub_role_arn))
    error_message = "Give the ARN of a role: arn:aws:iam::123456789012:role/scanner-read-only."
  }
}

variable "organizational_unit_ids" {
  description = "Roots or organizational units whose accounts get the role; new accounts get it by themselves."
  type        = list(string)

  validation {
    condition     = length(var.organizational_unit_ids) > 0
    error_message = "Name at least one root (r-...) or organizational unit (ou-...)."
  }

  validation {
    condition     = alltrue([for id in var.organizational_unit_ids : can(regex("^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", id))])
    error_message = "A root looks like r-a1b2, an organizational unit like ou-a1b2-c3d4e5f6."
  }
}

variable "role_name" {
  description = "Name of the role in member accounts."
  type        = string
  default     = "scanner-member-read-only"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@- in it."
  }
}

variable "external_id" {
  description = "External id that the hub role must present; null for none."
  type        = string
  default     = null

  validation {
    # sts:AssumeRole, parameter ExternalId.
    condition     = var.external_id == null || (length(coalesce(var.external_id, "x")) <= 1224 && can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)))
    error_message = "An external id has 2 to 1,224 letters, digits and _+=,.@:/- in it."
  }
}

variable "call_as" {
  description = "SELF from the management account, DELEGATED_ADMIN from a delegated administrator."
  type        = string
  default     = "SELF"

  validation {
    condition     = contains(["SELF", "DELEGATED_ADMIN"], var.call_as)
    error_message = "call_as is SELF or DELEGATED_ADMIN."
  }
}

variable "region" {
  description = "Region in which the stack instances live; IAM itself is global."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2,5}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "Give a region such as us-east-1."
  }
}

variable "management_account_role" {
  description = "Whether to make the role in the management account, which the stack set does not reach. null does so with call_as SELF (the provider is then the management account's)."
  type        = bool
  default     = null
}

variable "failure_tolerance_percentage" {
  description = "Share of the accounts, in percent, in which the roll-out may fail before it stops."
  type        = number
  default     = 10

  validation {
    condition     = var.failure_tolerance_percentage >= 0 && var.failure_tolerance_percentage < 100
    error_message = "Give 0 to 99: a roll-out that may fail everywhere never says that it failed."
  }
}

variable "max_concurrent_percentage" {
  description = "Share of the accounts, in percent, that are worked on at once."
  type        = number
  default     = 25

  validation {
    condition     = var.max_concurrent_percentage >= 1 && var.max_concurrent_percentage <= 100
    error_message = "Give 1 to 100."
  }
}

variable "tags" {
  description = "Tags for the stack set and the management account's role."
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
  description = "Whether the roles may import findings into Security Hub of their accounts (scan --send-security-hub): the one right to write, in a policy of its own."
  type        = bool
  default     = false
}
