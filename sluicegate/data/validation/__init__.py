"""What must hold of the data: expectation suites, the reports of what held, and the rows that were set aside."""
