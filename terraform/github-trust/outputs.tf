output "policy" {
  description = "The trust policy as JSON."
  value       = local.policy

  precondition {
    condition     = length(local.without_ids) == 0
    error_message = <<-EOT
      owner_id and repository_id are missing for ${join(", ", local.without_ids)}: since 15 July 2026 the token of a repository that was made, renamed or transferred names both.
      Look them up: gh api repos/OWNER/NAME --jq '{owner_id: .owner.id, repository_id: .id}'
      Only for GitHub Enterprise Server, or a repository that is older and keeps its name, set subject_forms = ["names"].
    EOT
  }
  precondition {
    condition     = length(local.contradictory) == 0
    error_message = "owner_id or repository_id is not the one that stands in repository: ${join(", ", local.contradictory)}."
  }
  precondition {
    condition     = length(local.foreign) == 0
    error_message = "These of subjects do not name their repository (repo:OWNER/NAME in one of its subject_forms, or repository_id:ID), or nothing but it: ${join(", ", local.foreign)}. Others, or every branch, could assume the role."
  }
  precondition {
    # IAM's quota for a trust policy; whitespace is not counted, and jsonencode writes none.
    condition     = length(local.policy) <= 4096
    error_message = "The trust policy is ${length(local.policy)} characters long and IAM takes 4,096 at most (2,048 until the quota is raised): make a second role, or leave out a subject form that no token of yours has."
  }
}

output "subjects" {
  description = "Token subjects that may assume the role."
  value       = flatten(local.subjects)
}
