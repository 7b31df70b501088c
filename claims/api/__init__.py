"""The product for programs: REST under /api/v1/. Views read and call actions; they never write rows themselves."""
